/** The history of the gateway's tables. A migration that was released never changes; a new one is added below. */

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** All tables stand in a schema of their own: a database that a real Kong has used keeps its tables apart. */
export const SCHEMA = 'dev_gateway';

const entity = (table: string, columns: string): string => `
  create table ${SCHEMA}.${table} (
    id uuid constraint ${table}_pkey primary key,
    position bigint generated always as identity,
    tags text[],
    body jsonb not null${columns === '' ? '' : `,\n    ${columns}`}
  );
  create index ${table}_tags_idx on ${SCHEMA}.${table} using gin (tags);`;

const reference = (table: string, field: string, parent: string, rule = ''): string =>
  `${field}_id uuid${rule.includes('not null') ? ' not null' : ''} constraint ${table}_${field}_fkey
      references ${SCHEMA}.${parent} (id)${rule.includes('cascade') ? ' on delete cascade' : ''}`;

const unique = (table: string, column: string): string =>
  `${column} text constraint ${table}_${column}_key unique`;

const credential = (table: string, columns: string): string =>
  entity(table, `${reference(table, 'consumer', 'consumers', 'not null cascade')},\n    ${columns}`);

const BASE = [
  entity('certificates', ''),
  entity('ca_certificates', unique('ca_certificates', 'cert_digest')),
  entity(
    'snis',
    `${reference('snis', 'certificate', 'certificates', 'not null cascade')}, ${unique('snis', 'name')}`,
  ),
  entity(
    'services',
    `${reference('services', 'client_certificate', 'certificates')}, ${unique('services', 'name')}`,
  ),
  entity('routes', `${reference('routes', 'service', 'services')}, ${unique('routes', 'name')}`),
  entity('consumers', `${unique('consumers', 'username')}, ${unique('consumers', 'custom_id')}`),
  entity(
    'upstreams',
    `${reference('upstreams', 'client_certificate', 'certificates')}, ${unique('upstreams', 'name')}`,
  ),
  entity(
    'targets',
    `${reference('targets', 'upstream', 'upstreams', 'not null cascade')}, target text not null,
     constraint targets_upstream_target_key unique (upstream_id, target)`,
  ),
  entity(
    'plugins',
    `${reference('plugins', 'service', 'services', 'cascade')},
     ${reference('plugins', 'route', 'routes', 'cascade')},
     ${reference('plugins', 'consumer', 'consumers', 'cascade')},
     ${unique('plugins', 'instance_name')},
     scope text not null constraint plugins_name_route_service_consumer_key unique`,
  ),
  credential('keyauth_credentials', `${unique('keyauth_credentials', 'key')}, expires_at timestamptz`),
  credential('basicauth_credentials', unique('basicauth_credentials', 'username')),
  credential('jwt_secrets', unique('jwt_secrets', 'key')),
  credential(
    'acls',
    `"group" text not null, constraint acls_consumer_group_key unique (consumer_id, "group")`,
  ),
].join('\n');

const MORE_ENTITIES = [
  credential('hmacauth_credentials', unique('hmacauth_credentials', 'username')),
  credential('oauth2_credentials', unique('oauth2_credentials', 'client_id')),
  entity(
    'oauth2_tokens',
    `${reference('oauth2_tokens', 'service', 'services', 'cascade')},
     ${reference('oauth2_tokens', 'credential', 'oauth2_credentials', 'not null cascade')},
     ${unique('oauth2_tokens', 'access_token')}, ${unique('oauth2_tokens', 'refresh_token')},
     expires_at timestamptz`,
  ),
  entity('vaults', unique('vaults', 'prefix')),
  entity('key_sets', unique('key_sets', 'name')),
  entity(
    'keys',
    `${reference('keys', 'set', 'key_sets', 'cascade')}, ${unique('keys', 'name')},
     scope text not null constraint keys_kid_set_key unique`,
  ),
  entity('acme_storage', `${unique('acme_storage', 'key')}, expires_at timestamptz`),
  entity('sessions', `${unique('sessions', 'session_id')}, expires_at timestamptz`),
].join('\n');

export const MIGRATIONS: readonly Migration[] = [
  { name: '000_base', sql: BASE },
  { name: '001_more_entities', sql: MORE_ENTITIES },
];
