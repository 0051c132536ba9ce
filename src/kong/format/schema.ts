import * as z from 'zod';
import { Sealed } from '../model/sealed.ts';

/**
 * The shape of a declaration: decK's format 3.0. It knows names and nesting, so that a misspelt key is told with its line; what
 * a value may be is Kong's own business and checked by Kong before the first write.
 */

const leaf = (type: 'string' | 'number' | 'boolean', words: string) =>
  z
    .custom<string | number | boolean | Sealed>(
      (value) => value instanceof Sealed || (typeof value === type && !Number.isNaN(value)),
      `must be ${words}`,
    )
    .nullish();

const text = leaf('string', 'text (put it in quotes where YAML reads a number, a date or a boolean)');
const whole = leaf('number', 'a number');
const flag = leaf('boolean', 'true or false');
const texts = z.array(text, 'must be a list').nullish();
const map = z.record(z.string(), z.any(), 'must be a map').nullish();
const listOf = <T extends z.ZodType>(item: T) => z.array(item, 'must be a list').nullish();

const stamps = { id: text, tags: texts, created_at: whole, updated_at: whole };

const word = z.custom<string | Sealed>((value) => value instanceof Sealed || typeof value === 'string');

/** The name or id of another entity: `backend`, `{ name: backend }`, `{ id: ... }`. */
const referenceTo = z
  .union(
    [
      word,
      z.strictObject({ id: z.string() }),
      z.strictObject({ name: word }),
      z.strictObject({ username: word }),
      z.strictObject({ custom_id: word }),
    ],
    'must be a name, or a map with id or name',
  )
  .nullish();

const plugin = z.strictObject({
  ...stamps,
  name: z.string('a plugin needs its name, written out'),
  instance_name: text,
  config: map,
  _config: z.string().nullish(),
  enabled: flag,
  protocols: texts,
  ordering: map,
  run_on: text,
  service: referenceTo,
  route: referenceTo,
  consumer: referenceTo,
  consumer_group: referenceTo,
});

const address = z.strictObject({ ip: text, port: whole });

const route = z.strictObject({
  ...stamps,
  name: text,
  protocols: texts,
  methods: texts,
  hosts: texts,
  headers: map,
  paths: texts,
  snis: texts,
  sources: listOf(address),
  destinations: listOf(address),
  https_redirect_status_code: whole,
  strip_path: flag,
  preserve_host: flag,
  request_buffering: flag,
  response_buffering: flag,
  regex_priority: whole,
  path_handling: text,
  expression: text,
  priority: whole,
  service: referenceTo,
  plugins: listOf(plugin),
});

const service = z.strictObject({
  ...stamps,
  name: text,
  url: text,
  protocol: text,
  host: text,
  port: whole,
  path: text,
  retries: whole,
  connect_timeout: whole,
  read_timeout: whole,
  write_timeout: whole,
  enabled: flag,
  client_certificate: referenceTo,
  ca_certificates: texts,
  tls_verify: flag,
  tls_verify_depth: whole,
  tls_sans: map,
  routes: listOf(route),
  plugins: listOf(plugin),
});

const target = z.strictObject({
  ...stamps,
  target: text,
  weight: whole,
  failover: flag,
  upstream: referenceTo,
});

const upstream = z.strictObject({
  ...stamps,
  name: text,
  algorithm: text,
  hash_on: text,
  hash_fallback: text,
  hash_on_header: text,
  hash_fallback_header: text,
  hash_on_cookie: text,
  hash_on_cookie_path: text,
  hash_on_query_arg: text,
  hash_fallback_query_arg: text,
  hash_on_uri_capture: text,
  hash_fallback_uri_capture: text,
  sticky_sessions_cookie: text,
  sticky_sessions_cookie_path: text,
  slots: whole,
  healthchecks: map,
  host_header: text,
  client_certificate: referenceTo,
  use_srv_name: flag,
  targets: listOf(target),
});

const credentialOf = (fields: Readonly<Record<string, z.ZodType>>) =>
  z.strictObject({ ...stamps, consumer: referenceTo, ...fields });

export const credentials = {
  keyauth_credentials: credentialOf({ key: text, ttl: whole }),
  basicauth_credentials: credentialOf({ username: text, password: text }),
  jwt_secrets: credentialOf({ key: text, secret: text, algorithm: text, rsa_public_key: text }),
  hmacauth_credentials: credentialOf({ username: text, secret: text }),
  oauth2_credentials: credentialOf({
    name: text,
    client_id: text,
    client_secret: text,
    client_type: text,
    hash_secret: flag,
    redirect_uris: texts,
  }),
  acls: credentialOf({ group: text }),
};

const credentialLists = Object.fromEntries(
  Object.entries(credentials).map(([key, schema]) => [key, listOf(schema)]),
);

const consumer = z.strictObject({
  ...stamps,
  username: text,
  custom_id: text,
  groups: listOf(z.strictObject({ id: text, name: text, tags: texts })),
  plugins: listOf(plugin),
  ...credentialLists,
});

const consumerGroup = z.strictObject({
  ...stamps,
  name: text,
  consumers: listOf(z.strictObject({ id: text, username: text, custom_id: text })),
  plugins: listOf(plugin),
});

const sni = z.union(
  [z.string(), z.strictObject({ ...stamps, name: text, certificate: referenceTo })],
  'must be a host name or a map with name',
);

const certificate = z.strictObject({
  ...stamps,
  cert: text,
  key: text,
  cert_alt: text,
  key_alt: text,
  snis: listOf(sni),
});

const caCertificate = z.strictObject({ ...stamps, cert: text, cert_digest: text });

const vault = z.strictObject({ ...stamps, name: text, prefix: text, description: text, config: map });

const defaults = z.strictObject({
  service: map,
  route: map,
  upstream: map,
  target: map,
});

export const declarationSchema = z.strictObject(
  {
    _format_version: z.literal(
      '3.0',
      'must be "3.0", in quotes; files of older versions are converted with "deck file convert"',
    ),
    _transform: z.literal(true, 'must be true: without it the file could not be applied').nullish(),
    _comment: text,
    _workspace: z.literal('default', 'must be "default": workspaces are not in this Kong').nullish(),
    _info: z
      .strictObject({
        select_tags: z.array(word).nullish(),
        defaults: defaults.nullish(),
      })
      .nullish(),
    _plugin_configs: z.record(z.string(), z.record(z.string(), z.any())).nullish(),
    services: listOf(service),
    routes: listOf(route),
    upstreams: listOf(upstream),
    targets: listOf(target),
    consumers: listOf(consumer),
    consumer_groups: listOf(consumerGroup),
    plugins: listOf(plugin),
    certificates: listOf(certificate),
    ca_certificates: listOf(caCertificate),
    snis: listOf(sni),
    vaults: listOf(vault),
    ...credentialLists,
  },
  'must be a map, starting with _format_version: "3.0"',
);

/** Each value of the tree is a `Value`; the schema's own type says less than it checks because fields are many. */
export type Declaration = z.output<typeof declarationSchema>;
