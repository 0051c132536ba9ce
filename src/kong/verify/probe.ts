import type { Declared } from '../format/flatten.ts';
import { Sealed } from '../model/sealed.ts';
import { isFields, revealed, type Value } from '../model/value.ts';

/** One request that must reach a route, derived from its declaration. Headers may hold a key. */
export interface Probe {
  readonly route: string;
  readonly tls: boolean;
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The status that a plugin answers in the place of the service, where one does. */
  readonly terminatedWith: number | undefined;
  /** Whether a plugin counts requests and refuses those above a limit with 429. */
  readonly isLimited: boolean;
}

export type Derived = { readonly probe: Probe } | { readonly route: string; readonly why: string };

/** Only these change nothing in the service behind a route. */
const HARMLESS = ['GET', 'HEAD', 'OPTIONS'];

/** What to send to prove each route, or why nothing can be sent. Pure. */
export function probesOf(declared: readonly Declared[]): readonly Derived[] {
  return declared.filter(({ kind }) => kind === 'route').flatMap((route) => derive(route, declared));
}

function derive(route: Declared, declared: readonly Declared[]): readonly Derived[] {
  const protocols = textsIn(route.fields.protocols ?? ['http', 'https']);
  const doors = [false, true].filter((tls) => protocols.includes(tls ? 'https' : 'http'));
  const why = (reason: string): readonly Derived[] => [{ route: route.name, why: reason }];
  if (doors.length === 0) return why(`it takes ${protocols.join(', ')}, not HTTP`);
  if (route.fields.expression != null) return why('its expression cannot be turned into a request');
  const methods = textsIn(route.fields.methods);
  const method = methods.length === 0 ? 'GET' : HARMLESS.find((name) => methods.includes(name));
  if (method === undefined) return why(`it takes only ${methods.join(', ')}, which could change something`);
  const paths = textsIn(route.fields.paths);
  const path = paths.length === 0 ? '/' : paths.find((text) => text.startsWith('/'));
  if (path === undefined) return why('its paths are regular expressions');
  const matched = headersOf(route.fields.headers);
  if (matched === undefined) return why('its headers are regular expressions');
  const plugins = pluginsOn(route, declared);
  const access = accessOf(plugins, declared);
  if (typeof access === 'string') return why(access);
  const terminates = plugins.find(({ fields }) => fields.name === 'request-termination');
  const host = textsIn(route.fields.hosts)[0]?.replace('*', 'verify');
  return doors.map((tls) => ({
    probe: {
      route: route.name,
      tls,
      method,
      path,
      host,
      headers: { ...matched, ...access },
      terminatedWith: terminates === undefined ? undefined : Number(configOf(terminates).status_code ?? 503),
      isLimited: plugins.some(({ fields }) => LIMITING.includes(String(fields.name))),
    },
  }));
}

export const textsIn = (value: Value | undefined): readonly string[] =>
  Array.isArray(value) ? value.map((item: Value) => String(revealed(item))) : [];

const configOf = ({ fields }: Declared): Readonly<Record<string, Value>> =>
  isFields(fields.config) ? fields.config : {};

function headersOf(value: Value | undefined): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const [name, values] of isFields(value) ? Object.entries(value) : []) {
    const plain = textsIn(values).find((text) => !text.startsWith('~*'));
    if (plain === undefined) return undefined;
    headers[name.toLowerCase()] = plain;
  }
  return headers;
}

/** The enabled plugins that act on a route for everybody. */
export function pluginsOn(route: Declared, declared: readonly Declared[]): readonly Declared[] {
  const { service } = route.references;
  const isOn = (plugin: Declared): boolean => {
    const { route: onRoute, service: onService, ...others } = plugin.references;
    if (Object.keys(others).length > 0) return false;
    if (onRoute !== undefined && !('key' in onRoute && onRoute.key === route.key)) return false;
    const isSame = service !== undefined && JSON.stringify(onService) === JSON.stringify(service);
    return onService === undefined || isSame;
  };
  return declared.filter(
    (plugin) => plugin.kind === 'plugin' && plugin.fields.enabled !== false && isOn(plugin),
  );
}

const LIMITING = ['rate-limiting', 'rate-limiting-advanced', 'response-ratelimiting'];

/** Plugins that let only those in whom we cannot be. */
const CLOSED = ['jwt', 'hmac-auth', 'oauth2', 'ldap-auth', 'session', 'ip-restriction', 'bot-detection'];

function accessOf(
  plugins: readonly Declared[],
  declared: readonly Declared[],
): Readonly<Record<string, string>> | string {
  const named = (name: string) => plugins.find(({ fields }) => fields.name === name);
  const closed = CLOSED.find((name) => named(name) !== undefined);
  if (closed !== undefined) return `plugin ${closed} lets nobody in whom the file could name`;
  const acl = named('acl');
  const consumers = acl === undefined ? undefined : consumersAllowed(acl, declared);
  const credentialOf = (kind: 'key-auth' | 'basic-auth', field: string) =>
    declared.find(
      ({ kind: own, fields, references: { consumer } }) =>
        own === kind &&
        fields[field] != null &&
        (consumers === undefined ||
          (consumer !== undefined && 'key' in consumer && consumers.includes(consumer.key))),
    );
  const keyAuth = named('key-auth');
  if (keyAuth !== undefined) {
    if (configOf(keyAuth).key_in_header === false) return 'plugin key-auth does not take its key in a header';
    const key = credentialOf('key-auth', 'key')?.fields.key;
    const header = textsIn(configOf(keyAuth).key_names)[0] ?? 'apikey';
    return key == null ? 'the file has no key for plugin key-auth' : { [header]: String(revealed(key)) };
  }
  if (named('basic-auth') !== undefined) {
    const found = credentialOf('basic-auth', 'password')?.fields;
    if (found === undefined) return 'the file has no password for plugin basic-auth';
    const pair = `${String(revealed(found.username ?? ''))}:${String(revealed(found.password ?? ''))}`;
    return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  return {};
}

function consumersAllowed(acl: Declared, declared: readonly Declared[]): readonly string[] {
  const allow = textsIn(configOf(acl).allow);
  const deny = textsIn(configOf(acl).deny);
  const members = declared.flatMap(({ kind, fields, references: { consumer } }) =>
    kind === 'acl' && consumer !== undefined && 'key' in consumer
      ? [{ consumer: consumer.key, group: fields.group instanceof Sealed ? '' : String(fields.group) }]
      : [],
  );
  if (allow.length > 0)
    return members.filter(({ group }) => allow.includes(group)).map(({ consumer }) => consumer);
  const denied = members.filter(({ group }) => deny.includes(group)).map(({ consumer }) => consumer);
  return declared
    .filter(({ kind, key }) => kind === 'consumer' && !denied.includes(key))
    .map(({ key }) => key);
}
