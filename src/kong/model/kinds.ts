import { createHash } from 'node:crypto';
import { comparable, type Fields, isFields, type Value } from './value.ts';

/** The kinds of entities that apictl reconciles: one row each, and no other place that knows their differences. */

export type Kind =
  | 'ca-certificate'
  | 'certificate'
  | 'vault'
  | 'consumer-group'
  | 'consumer'
  | 'upstream'
  | 'service'
  | 'sni'
  | 'target'
  | 'key-auth'
  | 'basic-auth'
  | 'jwt'
  | 'hmac-auth'
  | 'oauth2'
  | 'acl'
  | 'membership'
  | 'route'
  | 'plugin';

export interface KindFacts {
  /** Kong's name of the entity, as in `/schemas/{entity}`. */
  readonly entity: string;
  /** The path of the whole collection; null where Kong has none (targets live below their upstream). */
  readonly collection: string | null;
  /** The field that names the parent whose path an entity is written below, and the last part of that path. */
  readonly below?: { readonly field: string; readonly parent: Kind; readonly path: string };
  /** Fields that refer to other entities. */
  readonly references: Readonly<Record<string, Kind>>;
  /** Those of them that say what it is a part of, the nearest first. */
  readonly liesIn: readonly string[];
  /** Kong refuses two entities with the same value in one of these. They matter when names are exchanged. */
  readonly unique: readonly string[];
  /** What makes an entity the one that it is, beside its id. Undefined: nothing does. */
  readonly identity: (fields: Fields) => readonly Value[] | undefined;
  /** A text for people, as `api` or `key-auth on route partner`; undefined where only the place in the file names it. */
  readonly nameField?: string;
  /** Targets and memberships have no PUT by id. */
  readonly createdBy: 'PUT' | 'POST';
  /** The fields that a PATCH changes, for what a PUT cannot change: there is none for targets, and a certificate would lose its SNIs. */
  readonly patched?: readonly string[];
  /**
   * The end by which a mere link of two entities is known below the other one: Kong gives it no id, no tags and nothing that could
   * differ. It is ours where both ends are.
   */
  readonly linksTo?: string;
  /** Fields that hold secrets, whatever their schema says. */
  readonly secrets: readonly string[];
  /** Fields that Kong fills by itself where the declaration has none, or that change by themselves. */
  readonly volatile: readonly string[];
  /** Where an entity changes its name but nothing else, keep it and rename it: nothing is ever missing. */
  readonly keepsIdentityOnRename: boolean;
}

const plain: Pick<
  KindFacts,
  'references' | 'liesIn' | 'createdBy' | 'secrets' | 'volatile' | 'keepsIdentityOnRename'
> = {
  references: {},
  liesIn: [],
  createdBy: 'PUT',
  secrets: [],
  volatile: [],
  keepsIdentityOnRename: false,
};

const named = (field: string) => ({
  unique: [field],
  nameField: field,
  identity: (fields: Fields) => (fields[field] == null ? undefined : [fields[field]]),
});

const reference = (fields: Fields, field: string): Value => {
  const value = fields[field];
  return isFields(value) ? (value.id ?? null) : null;
};

/** A credential of a consumer: Kong has them below the consumer, unique by one field. */
const credential = (
  entity: string,
  collection: string,
  path: string,
  uniqueField: string,
  secrets: readonly string[],
  volatile: readonly string[] = [],
): KindFacts => ({
  ...plain,
  entity,
  collection,
  below: { field: 'consumer', parent: 'consumer', path },
  references: { consumer: 'consumer' },
  liesIn: ['consumer'],
  unique: [uniqueField],
  identity: (fields) =>
    fields[uniqueField] == null ? undefined : [reference(fields, 'consumer'), fields[uniqueField]],
  secrets,
  volatile,
});

export const KINDS: Readonly<Record<Kind, KindFacts>> = {
  'ca-certificate': {
    ...plain,
    entity: 'ca_certificates',
    collection: '/ca_certificates',
    unique: [],
    volatile: ['cert_digest'],
    identity: (fields) => [trimmed(fields.cert)],
  },
  certificate: {
    ...plain,
    entity: 'certificates',
    collection: '/certificates',
    unique: [],
    secrets: ['key', 'key_alt'],
    patched: ['cert', 'key', 'cert_alt', 'key_alt', 'tags'],
    volatile: ['snis'],
    identity: (fields) => [trimmed(fields.cert)],
  },
  vault: { ...plain, entity: 'vaults', collection: '/vaults', ...named('prefix') },
  'consumer-group': { ...plain, entity: 'consumer_groups', collection: '/consumer_groups', ...named('name') },
  consumer: {
    ...plain,
    entity: 'consumers',
    collection: '/consumers',
    unique: ['username', 'custom_id'],
    nameField: 'username',
    identity: (fields) => {
      if (fields.username != null) return ['username', fields.username];
      return fields.custom_id == null ? undefined : ['custom_id', fields.custom_id];
    },
  },
  upstream: {
    ...plain,
    entity: 'upstreams',
    collection: '/upstreams',
    references: { client_certificate: 'certificate' },
    ...named('name'),
  },
  service: {
    ...plain,
    entity: 'services',
    collection: '/services',
    references: { client_certificate: 'certificate' },
    ...named('name'),
    keepsIdentityOnRename: true,
  },
  sni: {
    ...plain,
    entity: 'snis',
    collection: '/snis',
    references: { certificate: 'certificate' },
    liesIn: ['certificate'],
    ...named('name'),
  },
  target: {
    ...plain,
    entity: 'targets',
    collection: null,
    below: { field: 'upstream', parent: 'upstream', path: 'targets' },
    references: { upstream: 'upstream' },
    liesIn: ['upstream'],
    unique: [],
    nameField: 'target',
    identity: (fields) => [reference(fields, 'upstream'), fields.target ?? null],
    createdBy: 'POST',
    patched: ['weight', 'tags'],
  },
  'key-auth': credential('keyauth_credentials', '/key-auths', 'key-auth', 'key', ['key'], ['ttl']),
  'basic-auth': credential('basicauth_credentials', '/basic-auths', 'basic-auth', 'username', ['password']),
  jwt: credential('jwt_secrets', '/jwts', 'jwt', 'key', ['secret']),
  'hmac-auth': credential('hmacauth_credentials', '/hmac-auths', 'hmac-auth', 'username', ['secret']),
  oauth2: credential('oauth2_credentials', '/oauth2', 'oauth2', 'client_id', ['client_secret']),
  acl: {
    ...credential('acls', '/acls', 'acls', 'group', []),
    // The same group for many consumers is what groups are for.
    unique: [],
    nameField: 'group',
  },
  membership: {
    ...plain,
    entity: 'consumer_group_consumers',
    collection: null,
    below: { field: 'consumer_group', parent: 'consumer-group', path: 'consumers' },
    references: { consumer_group: 'consumer-group', consumer: 'consumer' },
    liesIn: ['consumer_group'],
    unique: [],
    volatile: ['tags'],
    identity: (fields) => [reference(fields, 'consumer_group'), reference(fields, 'consumer')],
    createdBy: 'POST',
    linksTo: 'consumer',
  },
  route: {
    ...plain,
    entity: 'routes',
    collection: '/routes',
    references: { service: 'service' },
    liesIn: ['service'],
    unique: ['name'],
    nameField: 'name',
    identity: (fields) =>
      fields.name == null ? [reference(fields, 'service'), routeMatchOf(fields)] : [fields.name],
    keepsIdentityOnRename: true,
  },
  plugin: {
    ...plain,
    entity: 'plugins',
    collection: '/plugins',
    references: {
      service: 'service',
      route: 'route',
      consumer: 'consumer',
      consumer_group: 'consumer-group',
    },
    liesIn: ['route', 'service', 'consumer', 'consumer_group'],
    unique: ['instance_name'],
    identity: (fields) => [
      fields.name ?? null,
      ...['service', 'route', 'consumer', 'consumer_group'].map((field) => reference(fields, field)),
    ],
  },
};

/** What a nameless route is known by: the requests that it takes. */
const routeMatchOf = (fields: Fields): string =>
  comparable(
    Object.fromEntries(
      ['protocols', 'methods', 'hosts', 'paths', 'headers', 'snis', 'sources', 'destinations'].map(
        (field) => [field, fields[field] ?? null],
      ),
    ),
  );

const trimmed = (value: Value | undefined): Value =>
  typeof value === 'string' ? value.trim() : (value ?? null);

/**
 * Parents above children: what a level refers to lies in the levels above it. Creates and updates run top-down, deletes
 * bottom-up, and all entities of a level at once.
 */
export const LEVELS: readonly (readonly Kind[])[] = [
  ['ca-certificate', 'certificate', 'vault', 'consumer-group'],
  ['consumer', 'upstream', 'service', 'sni'],
  ['target', 'key-auth', 'basic-auth', 'jwt', 'hmac-auth', 'oauth2', 'acl', 'membership', 'route'],
  ['plugin'],
];

export const ALL_KINDS: readonly Kind[] = LEVELS.flat();

/** What Kong keeps of a basic-auth password, so that a declared one can be compared with it. */
export const basicAuthHash = (password: string, consumerId: string): string =>
  createHash('sha1').update(password).update(consumerId).digest('hex');

/** The unique values that an entity holds: a text to find each by, and its field. */
export const uniqueSlots = (
  kind: Kind,
  fields: Fields,
): readonly (readonly [slot: string, field: string])[] =>
  KINDS[kind].unique
    .filter((field) => fields[field] != null)
    .map((field) => [`${kind} ${field} ${comparable(fields[field] ?? null)}`, field]);
