/** The table of contents: every entity and every plugin that this gateway knows. */
import { caCertificates, certificates, snis } from './entities/certificates.ts';
import { consumers } from './entities/consumers.ts';
import {
  acls,
  basicauthCredentials,
  hmacauthCredentials,
  jwtSecrets,
  keyauthCredentials,
} from './entities/credentials.ts';
import { keySets, keys } from './entities/keys.ts';
import { oauth2Credentials, oauth2Tokens } from './entities/oauth2.ts';
import { acmeStorage, sessions } from './entities/plugin-storage.ts';
import { plugins } from './entities/plugins.ts';
import { routeSubschemas } from './entities/route-protocols.ts';
import { routes } from './entities/routes.ts';
import { services } from './entities/services.ts';
import { targets } from './entities/targets.ts';
import { upstreams } from './entities/upstreams.ts';
import { vaultSubschemas, vaults } from './entities/vaults.ts';
import type { EntitySchema } from './entity.ts';
import type { PluginSchema } from './plugin.ts';
import {
  acl,
  basicAuth,
  botDetection,
  hmacAuth,
  ipRestriction,
  jwt,
  keyAuth,
} from './plugins/authentication.ts';
import { fileLog, httpLog, prometheus } from './plugins/logging.ts';
import { rateLimiting } from './plugins/rate-limiting.ts';
import {
  correlationId,
  cors,
  proxyCache,
  requestSizeLimiting,
  requestTermination,
} from './plugins/traffic.ts';
import { requestTransformer, responseTransformer } from './plugins/transformer.ts';
import type { Subschemas } from './subschema.ts';

/** Parents above children: an entity refers only to those above it. */
export const ENTITIES: readonly EntitySchema[] = [
  certificates,
  caCertificates,
  snis,
  services,
  routes,
  consumers,
  upstreams,
  targets,
  plugins,
  keyauthCredentials,
  basicauthCredentials,
  jwtSecrets,
  acls,
  hmacauthCredentials,
  oauth2Credentials,
  oauth2Tokens,
  vaults,
  keySets,
  keys,
  acmeStorage,
  sessions,
];

export const PLUGINS: readonly PluginSchema[] = [
  botDetection,
  requestTermination,
  prometheus,
  proxyCache,
  cors,
  fileLog,
  httpLog,
  keyAuth,
  basicAuth,
  hmacAuth,
  ipRestriction,
  requestTransformer,
  responseTransformer,
  requestSizeLimiting,
  rateLimiting,
  jwt,
  acl,
  correlationId,
];

/**
 * What a Kong 3.8.1 lists as enabled. Those without a table here are refused as Kong refuses a plugin that is not
 * enabled; `GET /` tells the ones that this gateway serves.
 */
export const BUNDLED_PLUGINS: readonly string[] = [
  'jwt',
  'acl',
  'correlation-id',
  'cors',
  'oauth2',
  'tcp-log',
  'udp-log',
  'file-log',
  'http-log',
  'key-auth',
  'hmac-auth',
  'basic-auth',
  'ip-restriction',
  'request-transformer',
  'response-transformer',
  'request-size-limiting',
  'rate-limiting',
  'response-ratelimiting',
  'syslog',
  'loggly',
  'datadog',
  'ldap-auth',
  'statsd',
  'bot-detection',
  'aws-lambda',
  'request-termination',
  'prometheus',
  'proxy-cache',
  'session',
  'acme',
  'grpc-gateway',
  'grpc-web',
  'pre-function',
  'post-function',
  'azure-functions',
  'zipkin',
  'opentelemetry',
  'ai-proxy',
  'ai-prompt-decorator',
  'ai-prompt-template',
  'ai-prompt-guard',
  'ai-request-transformer',
  'ai-response-transformer',
  'standard-webhooks',
];

const entitiesByName = new Map(ENTITIES.map((entity) => [entity.name, entity]));
const pluginsByName = new Map(PLUGINS.map((plugin) => [plugin.name, plugin]));

export const findEntity = (name: string): EntitySchema | undefined => entitiesByName.get(name);
export const findPlugin = (name: string): PluginSchema | undefined => pluginsByName.get(name);

/** The entity of that name, where the tables themselves name it. */
export function requireEntity(name: string): EntitySchema {
  const entity = entitiesByName.get(name);
  if (entity === undefined) throw new Error(`no table describes the entity "${name}"`);
  return entity;
}

const SUBSCHEMAS: Readonly<Record<string, Subschemas>> = {
  plugins: {
    key: 'name',
    find: findPlugin,
    unknown: (name) => `plugin '${name}' not enabled; add it to the 'plugins' configuration property`,
  },
  routes: routeSubschemas(routes.fields),
  vaults: vaultSubschemas,
};

/** The tables that depend on a field of the entity itself; undefined where there are none. */
export const subschemasOf = (entity: string): Subschemas | undefined => SUBSCHEMAS[entity];
