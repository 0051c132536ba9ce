import { isUuid } from '../model/identity.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import { Sealed } from '../model/sealed.ts';
import { withoutSecrets } from '../model/secret-texts.ts';
import { comparable, type Fields, isFields, revealed, type Value } from '../model/value.ts';
import type { Path, Place } from './locate.ts';
import type { Problem, ReadFile } from './read.ts';
import { targetAddress, withUrl } from './shorthands.ts';

/** What another entity is called in the file: one of ours by its key, or any by its id. */
export type ReferenceTo =
  | {
      readonly kind: Kind;
      readonly key: string /** For people; absent where it is the key. */;
      readonly label?: string;
    }
  | { readonly id: string };

/** One entity as the file declares it, before it is compared with anything. */
export interface Declared {
  readonly kind: Kind;
  /** Known by this among the entities of its kind in the file; the id of a new one is derived from it. */
  readonly key: string;
  /** For people: `api`, `key-auth on route partner`, `backend-1:8000 of backend`. */
  readonly name: string;
  /** The id that the file gives, if any. */
  readonly id: string | undefined;
  /** As written, without id, references and what hangs below. */
  readonly fields: Fields;
  readonly references: Readonly<Record<string, ReferenceTo>>;
  readonly place: Place;
}

export interface Flattened {
  readonly declared: readonly Declared[];
  readonly selectTags: readonly (string | Sealed)[];
  readonly problems: readonly Problem[];
}

type Item = Record<string, Value>;

const CREDENTIALS: Readonly<Record<string, Kind>> = {
  keyauth_credentials: 'key-auth',
  basicauth_credentials: 'basic-auth',
  jwt_secrets: 'jwt',
  hmacauth_credentials: 'hmac-auth',
  oauth2_credentials: 'oauth2',
  acls: 'acl',
};

/** What the running stack adds to the declaration of an upstream that leaves it open. */
export interface StackFacts {
  readonly upstreams: Readonly<
    Record<string, { readonly targets: readonly string[]; readonly healthPath?: string }>
  >;
}

/** Takes the nested lists of all files apart into one flat list. */
export function flatten(files: readonly ReadFile[], stack: StackFacts = { upstreams: {} }): Flattened {
  const problems: Problem[] = [];
  const declared: Declared[] = [];
  const defaults: Record<string, Item> = {};
  const pluginConfigs: Record<string, Item> = {};
  const selectTags = new Map<string, string | Sealed>();
  const secretNames: Sealed[] = [];
  const memberships = new Set<string>();
  for (const { declaration } of files) {
    for (const tag of declaration._info?.select_tags ?? []) selectTags.set(String(revealed(tag)), tag);
    for (const [kind, fields] of Object.entries(declaration._info?.defaults ?? {})) {
      defaults[kind] = merged(defaults[kind] ?? {}, fields as Item);
    }
    Object.assign(pluginConfigs, declaration._plugin_configs);
  }

  /** A text that names something; where it came out of a placeholder it is not shown. */
  const wordIn = (value: Value | undefined): string | undefined => {
    if (!(value instanceof Sealed)) return typeof value === 'string' && value !== '' ? value : undefined;
    secretNames.push(value);
    return String(value.reveal());
  };

  for (const file of files) {
    const add = (
      kind: Kind,
      item: Item,
      path: Path,
      key: string,
      name: string,
      references: Declared['references'],
      leaveOut: readonly string[] = [],
    ): { kind: Kind; key: string } => {
      const place = file.placeOf(path);
      const id = item.id;
      if (id != null && (typeof id !== 'string' || !isUuid(id))) {
        problems.push({ place, message: `${name}: id must be a UUID` });
      }
      const omit = new Set([
        'id',
        'created_at',
        'updated_at',
        ...Object.keys(KINDS[kind].references),
        ...leaveOut,
      ]);
      const given = Object.entries(item).filter(([field, value]) => !omit.has(field) && value !== undefined);
      declared.push({
        kind,
        key,
        name,
        id: typeof id === 'string' ? id : undefined,
        fields: merged(defaults[kind] ?? {}, Object.fromEntries(given)),
        references,
        place,
      });
      return { kind, key };
    };
    /** The name that an entity must have, or a stand-in after telling that it is missing. */
    const needs = (item: Item, field: string, what: string, path: Path): string => {
      const word = wordIn(item[field]);
      if (word !== undefined) return word;
      problems.push({ place: file.placeOf(path), message: `${what} needs ${field}` });
      return `unnamed at ${path.join('.')}`;
    };
    const items = (container: unknown, field: string, path: Path): [Item, Path][] => {
      const list = (container as Record<string, unknown>)[field];
      return Array.isArray(list) ? list.map((item, i) => [item as Item, [...path, field, i]]) : [];
    };
    const referenceOf = (kind: Kind, value: Value | undefined): ReferenceTo | undefined => {
      if (value == null) return undefined;
      if (isFields(value) && typeof value.id === 'string') return { id: value.id };
      const key = wordIn(isFields(value) ? (value.name ?? value.username ?? value.custom_id) : value);
      if (key === undefined) return undefined;
      return !isFields(value) && isUuid(key) ? { id: key } : { kind, key };
    };
    const referencesIn = (kind: Kind, item: Item): Record<string, ReferenceTo> => {
      const found: Record<string, ReferenceTo> = {};
      for (const [field, target] of Object.entries(KINDS[kind].references)) {
        const reference = referenceOf(target, item[field]);
        if (reference !== undefined) found[field] = reference;
      }
      return found;
    };

    const addPlugins = (container: unknown, path: Path, scope: Record<string, ReferenceTo>) => {
      for (const [item, at] of items(container, 'plugins', path)) {
        const references = { ...referencesIn('plugin', item), ...scope };
        const shared = typeof item._config === 'string' ? pluginConfigs[item._config] : undefined;
        if (typeof item._config === 'string' && shared === undefined) {
          problems.push({
            place: file.placeOf([...at, '_config']),
            message: `_plugin_configs has no ${item._config}`,
          });
        }
        const config = { ...shared, ...((item.config as Item | null) ?? {}) };
        const on = Object.entries(references).map(
          ([field, to]) => `${field.replace('_', ' ')} ${textOf(to)}`,
        );
        const name = String(item.name);
        const scopeText = on.length === 0 ? '' : ` on ${on.join(' and ')}`;
        add('plugin', { ...item, config }, at, `${name}${scopeText}`, `${name}${scopeText}`, references, [
          '_config',
          'run_on',
        ]);
      }
    };
    const addRoute = (item: Item, path: Path, scope: Record<string, ReferenceTo>) => {
      const references = { ...referencesIn('route', item), ...scope };
      const named = wordIn(item.name);
      const key = named ?? `nameless ${comparable([references as unknown as Value, matchOf(item)])}`;
      const name = named ?? `without a name on ${firstText(item.paths ?? item.hosts ?? null)}`;
      const self = add('route', item, path, key, name, references, ['plugins']);
      addPlugins(item, path, { route: self });
    };
    const addSni = (item: Item | string, path: Path, scope: Record<string, ReferenceTo>) => {
      const fields = typeof item === 'string' ? { name: item } : item;
      const name = needs(fields, 'name', 'an SNI', path);
      add('sni', fields, path, name, name, { ...referencesIn('sni', fields), ...scope });
    };
    const addTarget = (item: Item, path: Path, scope: Record<string, ReferenceTo>) => {
      const references = { ...referencesIn('target', item), ...scope };
      const address = targetAddress(needs(item, 'target', 'a target', path));
      const upstream = references.upstream;
      if (upstream === undefined) {
        problems.push({ place: file.placeOf(path), message: `target ${address} needs its upstream` });
      }
      const of = upstream === undefined ? '' : textOf(upstream);
      const fields = { ...item, target: item.target instanceof Sealed ? new Sealed(address) : address };
      add('target', fields, path, `${address} of ${of}`, `${address} of ${of}`, references);
    };
    const addCredentials = (container: unknown, path: Path, scope: Record<string, ReferenceTo>) => {
      for (const [field, kind] of Object.entries(CREDENTIALS)) {
        const counts = new Map<string, number>();
        for (const [item, at] of items(container, field, path)) {
          const references = { ...referencesIn(kind, item), ...scope };
          const consumer = references.consumer;
          if (consumer === undefined) {
            problems.push({ place: file.placeOf(at), message: `${field}: a credential needs its consumer` });
            continue;
          }
          const owner = textOf(consumer);
          const number = (counts.get(owner) ?? 0) + 1;
          counts.set(owner, number);
          const label = kind === 'acl' ? `${String(item.group)} of ${owner}` : `${owner} #${number}`;
          add(kind, item, at, label, label, references);
        }
      }
    };

    const linkTo = (kind: Kind, name: Value | undefined, id: Value | undefined): ReferenceTo | undefined =>
      referenceOf(kind, name == null ? (id == null ? null : { id }) : { name });
    /** Both ends may say it: a consumer which groups it is in, a group who is in it. */
    const addMembership = (
      path: Path,
      group: ReferenceTo | undefined,
      consumer: ReferenceTo | undefined,
    ): void => {
      if (group === undefined || consumer === undefined) {
        const what =
          group === undefined ? 'a group needs name or id' : 'a member needs username, custom_id or id';
        problems.push({ place: file.placeOf(path), message: what });
        return;
      }
      const name = `${textOf(consumer)} of ${textOf(group)}`;
      if (memberships.has(name)) return;
      memberships.add(name);
      add('membership', {}, path, name, name, { consumer_group: group, consumer });
    };

    const { declaration } = file;
    for (const [item, path] of items(declaration, 'services', [])) {
      const name = needs(item, 'name', 'a service', path);
      const self = add(
        'service',
        withUrl(item, file, path, problems),
        path,
        name,
        name,
        referencesIn('service', item),
        ['routes', 'plugins'],
      );
      for (const [route, at] of items(item, 'routes', path)) addRoute(route, at, { service: self });
      addPlugins(item, path, { service: self });
    }
    for (const [item, path] of items(declaration, 'routes', [])) addRoute(item, path, {});
    for (const [item, path] of items(declaration, 'upstreams', [])) {
      const name = needs(item, 'name', 'an upstream', path);
      const facts = stack.upstreams[name];
      const fields = facts?.healthPath === undefined ? item : withHealthPath(item, facts.healthPath);
      const self = add('upstream', fields, path, name, name, referencesIn('upstream', item), ['targets']);
      for (const [target, at] of items(item, 'targets', path)) addTarget(target, at, { upstream: self });
      if (item.targets == null) {
        for (const target of facts?.targets ?? []) addTarget({ target }, path, { upstream: self });
      }
    }
    for (const [item, path] of items(declaration, 'targets', [])) addTarget(item, path, {});
    for (const [item, path] of items(declaration, 'consumers', [])) {
      const field = item.username == null && item.custom_id != null ? 'custom_id' : 'username';
      const name = needs(item, field, 'a consumer', path);
      const self = add('consumer', item, path, name, name, {}, [
        'groups',
        'plugins',
        ...Object.keys(CREDENTIALS),
      ]);
      addCredentials(item, path, { consumer: self });
      addPlugins(item, path, { consumer: self });
      for (const [group, at] of items(item, 'groups', path)) {
        addMembership(at, linkTo('consumer-group', group.name, group.id), self);
      }
    }
    addCredentials(declaration, [], {});
    for (const [item, path] of items(declaration, 'consumer_groups', [])) {
      const name = needs(item, 'name', 'a consumer group', path);
      const self = add('consumer-group', item, path, name, name, {}, ['consumers', 'plugins']);
      addPlugins(item, path, { consumer_group: self });
      for (const [member, at] of items(item, 'consumers', path)) {
        addMembership(at, self, linkTo('consumer', member.username ?? member.custom_id, member.id));
      }
    }
    for (const [index, [item, path]] of items(declaration, 'certificates', []).entries()) {
      const snis = items(item, 'snis', path);
      const hosts = snis.map(([sni]) => (typeof sni === 'string' ? sni : String(sni.name ?? ''))).sort();
      // A renewed certificate is known again by the hosts that it serves; its text changes completely.
      const key = hosts.length > 0 ? hosts.join(' ') : `number ${index + 1} without hosts`;
      const self = add('certificate', item, path, key, hosts[0] ?? key, {}, ['snis']);
      for (const [sni, at] of snis) addSni(sni, at, { certificate: self });
    }
    for (const [index, [item, path]] of items(declaration, 'ca_certificates', []).entries()) {
      const key = `ca ${comparable(item.cert ?? index)}`;
      add('ca-certificate', item, path, key, `number ${index + 1}`, {}, ['cert_digest']);
    }
    for (const [item, path] of items(declaration, 'snis', [])) addSni(item, path, {});
    for (const [item, path] of items(declaration, 'vaults', [])) {
      const prefix = needs(item, 'prefix', 'a vault', path);
      add('vault', item, path, prefix, prefix, {});
    }
    addPlugins(declaration, [], {});
  }
  const shownAs = (text: string): string => withoutSecrets(text, secretNames);
  return {
    declared: secretNames.length === 0 ? declared : declared.map((one) => withNames(one, shownAs)),
    selectTags: [...selectTags.values()],
    problems: problems.map((problem) => ({ ...problem, message: shownAs(problem.message) })),
  };
}

const withNames = (one: Declared, shownAs: (text: string) => string): Declared => ({
  ...one,
  name: shownAs(one.name),
  references: Object.fromEntries(
    Object.entries(one.references).map(([field, to]) => [
      field,
      'id' in to ? to : { ...to, label: shownAs(to.key) },
    ]),
  ),
});

const textOf = (to: ReferenceTo): string => ('id' in to ? to.id : to.key);

/** What is given wins, and of maps only what is given in them. */
const merged = (defaults: Item, given: Item): Item => ({
  ...defaults,
  ...Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const below = defaults[field];
      return [field, isFields(value) && isFields(below) ? merged(below, value) : value];
    }),
  ),
});

/** What a nameless route is told apart by. */
const matchOf = (item: Item): Value =>
  ['methods', 'hosts', 'paths', 'headers', 'snis', 'sources', 'destinations', 'expression'].map(
    (field) => item[field] ?? null,
  );

const firstText = (value: Value): string => String(Array.isArray(value) ? (value[0] ?? 'everything') : value);

function withHealthPath(item: Item, healthPath: string): Item {
  const healthchecks = item.healthchecks;
  const active = isFields(healthchecks) ? healthchecks.active : undefined;
  // Only where the file asks for active checks and does not say where.
  if (!isFields(healthchecks) || !isFields(active) || active.http_path != null) return item;
  return { ...item, healthchecks: { ...healthchecks, active: { ...active, http_path: healthPath } } };
}
