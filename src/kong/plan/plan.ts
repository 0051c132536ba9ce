import type { Place } from '../format/locate.ts';
import { ownerTags } from '../model/identity.ts';
import { KINDS, type Kind, LEVELS, uniqueSlots } from '../model/kinds.ts';
import { secretFinder } from '../model/secret-texts.ts';
import { type Fields, isFields, type Shown, type Value } from '../model/value.ts';
import type { Schemas } from '../read/entity-schema.ts';
import type { LiveEntity } from '../read/state.ts';
import { ancestry, type Named } from './ancestry.ts';
import { autoFields, differences, shownChange, shownText } from './diff.ts';
import type { Matched, Wanted } from './match.ts';

export interface Change {
  readonly action: 'create' | 'update' | 'delete';
  readonly kind: Kind;
  /** `api`, `key-auth on route partner`, `backend-1:8000 of backend`. */
  readonly name: string;
  readonly direction: 'only-in-file' | 'only-in-kong' | 'changed';
  /** Dotted path -> what Kong has and what the file says; secrets are masked. Empty for what is only in Kong. */
  readonly fields: Readonly<Record<string, { readonly from: Shown; readonly to: Shown }>>;
  readonly id: string;
  /** What it lies in, the outermost first. */
  readonly within: readonly Named[];
  /** Where the file declares it; absent for what is only in Kong. */
  readonly place?: Place;
  readonly write: Write;
  /** What Kong had before; absent for what is created. */
  readonly before?: LiveEntity;
  /** What Kong has then, in the same form; absent for what is deleted. */
  readonly after?: Fields;
}

/** One request that changes Kong. Secrets in the body are sealed until it is sent. */
export interface Write {
  readonly method: 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Fields;
  /** Of a POST: the path of what it makes. */
  readonly makes?: string;
  /** Only takes a unique value from what has it. */
  readonly givesUp?: true;
}

/** A unique value (a name) is taken from its holder, so that another entity can have it before the holder gets its own new one. */
export interface Release {
  readonly holder: LiveEntity;
  readonly field: string;
  readonly write: Write;
}

export interface SeedPlan {
  readonly project: string;
  readonly changes: readonly Change[];
  readonly unchanged: number;
  /** Ours in Kong and in no file, but not to be deleted (`--no-prune`). */
  readonly kept: readonly { readonly kind: Kind; readonly name: string }[];
  readonly releases: readonly Release[];
  readonly kongVersion: string;
  /** Kong's own, for looking at what was written as it was compared before. */
  readonly schemas: Schemas;
}

/** Compares and decides; pure. What it says is what `applySeed` does. */
export function planOf(
  matched: Matched,
  options: {
    readonly project: string;
    readonly prune: boolean;
    readonly kongVersion: string;
    readonly schemas: Schemas;
  },
): SeedPlan {
  const holdsSecret = secretFinder(matched.wanted.map(({ body }) => body));
  const changes: Change[] = [];
  const names = namesOf(matched);
  const above = ancestry(matched, names);
  let unchanged = 0;
  for (const wanted of matched.wanted) {
    const change = changeOf(wanted, options.project, holdsSecret, above);
    if (change === undefined) unchanged += 1;
    else changes.push(change);
  }
  const surplus = matched.surplus.map((entity) => ({
    entity,
    name: shownText(liveName(entity, names), holdsSecret),
  }));
  const deletions = options.prune
    ? surplus.map(({ entity, name }) => deletionOf(entity, name, above(entity.id)))
    : [];
  const kept = options.prune ? [] : surplus.map(({ entity, name }) => ({ kind: entity.kind, name }));
  const order = new Map(LEVELS.flat().map((kind, index) => [kind, index]));
  const position = (change: Change) => order.get(change.kind) ?? 0;
  changes.sort((a, b) => position(a) - position(b));
  deletions.sort((a, b) => position(b) - position(a));
  return {
    project: options.project,
    changes: [...changes, ...deletions],
    unchanged,
    kept,
    releases: releasesFor(matched, changes),
    kongVersion: options.kongVersion,
    schemas: options.schemas,
  };
}

function changeOf(
  wanted: Wanted,
  project: string,
  holdsSecret: (text: string) => boolean,
  above: (id: string) => readonly Named[],
): Change | undefined {
  const { declared, live, id } = wanted;
  const common = () => ({
    kind: declared.kind,
    name: declared.name,
    id,
    within: above(id),
    place: declared.place,
    after: wanted.canonical,
  });
  if (live === undefined) {
    let fields: Change['fields'] | undefined;
    return {
      ...common(),
      action: 'create',
      direction: 'only-in-file',
      /** What people see is made out at the first look: the first write need not wait for it. */
      get fields() {
        fields ??= shownCreation(wanted, holdsSecret);
        return fields;
      },
      write: creation(declared.kind, id, wanted.canonical, wanted.body),
    };
  }
  const found = Object.entries(differences(declared.kind, wanted.canonical, live.fields));
  if (found.length === 0) return undefined;
  const owners = new Set<Value>(ownerTags(project));
  const foreignTags = (value: Value): Value =>
    Array.isArray(value) ? value.filter((tag: Value) => !owners.has(tag)) : value;
  return {
    ...common(),
    action: 'update',
    direction: 'changed',
    fields: Object.fromEntries(
      found.map(([path, change]) => {
        const toShow = path === 'tags' && sameOwners(change, owners) ? mapBoth(change, foreignTags) : change;
        return [path, shownChange(path, toShow, holdsSecret)];
      }),
    ),
    write: updating(wanted, live),
    before: live,
  };
}

function shownCreation({ declared, body }: Wanted, holdsSecret: (text: string) => boolean): Change['fields'] {
  const given = Object.entries(declared.fields)
    .filter(([, value]) => value != null)
    // In the body secrets are sealed, but it has our own tags too.
    .map(([field, value]) => [field, field === 'tags' ? value : (body[field] ?? null)] as const);
  return Object.fromEntries(
    given.map(([path, to]) => [path, shownChange(path, { from: null, to }, holdsSecret)]),
  );
}

const mapBoth = (change: { from: Value; to: Value }, map: (value: Value) => Value) => ({
  from: map(change.from),
  to: map(change.to),
});

/** Our own tags are noise in a difference, unless they are what is missing. */
const sameOwners = (change: { from: Value; to: Value }, owners: ReadonlySet<Value>): boolean =>
  Array.isArray(change.from) && [...owners].every((tag) => (change.from as readonly Value[]).includes(tag));

const idIn = (fields: Fields, field: string): string => {
  const value = fields[field];
  return isFields(value) ? String(value.id) : '';
};

/** The path of one entity, below its parent where Kong wants it so. */
export function pathOf(kind: Kind, id: string, fields: Fields): string {
  const { below, collection, linksTo } = KINDS[kind];
  if (below === undefined) return `${collection}/${id}`;
  const own = linksTo === undefined ? id : idIn(fields, linksTo);
  return `${KINDS[below.parent].collection}/${idIn(fields, below.field)}/${below.path}/${own}`;
}

/** The request that makes an entity which Kong does not have. */
export function creation(kind: Kind, id: string, fields: Fields, body: Fields): Write {
  const { createdBy, linksTo } = KINDS[kind];
  const makes = pathOf(kind, id, fields);
  if (createdBy === 'PUT') return { method: 'PUT', path: makes, body };
  const posted = linksTo === undefined ? { ...body, id } : { [linksTo]: idIn(fields, linksTo) };
  return { method: 'POST', path: makes.slice(0, makes.lastIndexOf('/')), body: posted, makes };
}

/** The request that gives what it has to an entity which cannot be PUT; undefined for the other kinds. */
export function patching(kind: Kind, path: string, fields: Fields): Write | undefined {
  const { patched } = KINDS[kind];
  if (patched === undefined) return undefined;
  return {
    method: 'PATCH',
    path,
    body: Object.fromEntries(patched.map((field) => [field, fields[field] ?? null])),
  };
}

function updating({ declared, id, canonical, body }: Wanted, live: LiveEntity): Write {
  const path = pathOf(declared.kind, id, canonical);
  const patch = patching(declared.kind, path, { ...canonical, ...body });
  if (patch !== undefined) return patch;
  // A PUT without them would have Kong make new ones.
  const kept = autoFields(declared.kind)
    .filter((field) => body[field] == null && live.fields[field] != null && field !== 'ttl')
    .map((field) => [field, live.fields[field] as Value]);
  return { method: 'PUT', path, body: { ...body, ...Object.fromEntries(kept) } };
}

const deletionOf = (entity: LiveEntity, name: string, within: readonly Named[]): Change => ({
  action: 'delete',
  kind: entity.kind,
  name,
  direction: 'only-in-kong',
  fields: {},
  id: entity.id,
  within,
  write: { method: 'DELETE', path: pathOf(entity.kind, entity.id, entity.fields) },
  before: entity,
});

/** Id -> name of everything that others refer to. */
function namesOf({ wanted, surplus }: Matched): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const entity of surplus) {
    const { nameField } = KINDS[entity.kind];
    const name = nameField === undefined ? null : entity.fields[nameField];
    if (typeof name === 'string') names.set(entity.id, name);
  }
  for (const { id, declared } of wanted) names.set(id, declared.name);
  return names;
}

function liveName(entity: LiveEntity, names: ReadonlyMap<string, string>): string {
  const { nameField, references, below, linksTo } = KINDS[entity.kind];
  const called = (id: string) => names.get(id) ?? id;
  if (entity.kind === 'plugin') {
    const on = Object.keys(references)
      .filter((field) => idIn(entity.fields, field) !== '')
      .map((field) => `${field.replace('_', ' ')} ${called(idIn(entity.fields, field))}`);
    return on.length === 0
      ? String(entity.fields.name)
      : `${String(entity.fields.name)} on ${on.join(' and ')}`;
  }
  const own = nameField === undefined ? null : entity.fields[nameField];
  const end = linksTo === undefined ? entity.id : called(idIn(entity.fields, linksTo));
  const name = typeof own === 'string' ? own : end;
  return below === undefined ? name : `${name} of ${called(idIn(entity.fields, below.field))}`;
}

/** Which live entities must give up a unique value before another can have it. */
function releasesFor({ wanted, surplus }: Matched, changes: readonly Change[]): Release[] {
  const changed = new Set(changes.map(({ id }) => id));
  const holders = new Map<string, LiveEntity>();
  for (const entity of [...surplus, ...wanted.flatMap(({ live }) => live ?? [])]) {
    for (const [slot] of uniqueSlots(entity.kind, entity.fields)) holders.set(slot, entity);
  }
  if (holders.size === 0) return [];
  const releases: Release[] = [];
  for (const entity of wanted) {
    const { kind } = entity.declared;
    if (!changed.has(entity.id)) continue;
    for (const [slot, field] of uniqueSlots(kind, entity.canonical)) {
      const holder = holders.get(slot);
      if (holder === undefined || holder.id === entity.id) continue;
      releases.push({
        holder,
        field,
        write: releasing(pathOf(kind, holder.id, holder.fields), holder.id, field),
      });
    }
  }
  return releases;
}

/** The request that gives up a unique value, for one that nobody else has. */
export const releasing = (path: string, id: string, field: string): Write => ({
  method: 'PATCH',
  path,
  body: { [field]: `apictl-moving-${id}` },
  givesUp: true,
});
