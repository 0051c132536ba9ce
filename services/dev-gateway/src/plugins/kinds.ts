import { acl } from './acl.ts';
import { basicAuth } from './basic-auth.ts';
import { botDetection } from './bot-detection.ts';
import { correlationId } from './correlation-id.ts';
import { cors } from './cors.ts';
import { fileLog } from './file-log.ts';
import { hmacAuth } from './hmac-auth.ts';
import { httpLog } from './http-log.ts';
import { ipRestriction } from './ip-restriction.ts';
import { jwt } from './jwt.ts';
import { keyAuth } from './key-auth.ts';
import type { PluginKind } from './phases.ts';
import { prometheus } from './prometheus.ts';
import { proxyCache } from './proxy-cache.ts';
import { rateLimiting } from './rate-limiting.ts';
import { requestSizeLimiting } from './request-size-limiting.ts';
import { requestTermination } from './request-termination.ts';
import { requestTransformer } from './request-transformer.ts';
import { responseTransformer } from './response-transformer.ts';

/** The plugins that the gateway has code for. Those that keep something for all their instances are made anew per gateway. */
export const pluginKinds = (): PluginKind[] => [
  botDetection,
  cors,
  keyAuth,
  basicAuth,
  jwt,
  hmacAuth,
  ipRestriction,
  requestSizeLimiting,
  acl,
  rateLimiting(),
  requestTransformer,
  responseTransformer,
  prometheus,
  httpLog,
  fileLog(),
  proxyCache,
  requestTermination,
  correlationId(),
];

/**
 * Plugins that decide who gets in. Where the gateway has no code for one of them it refuses the requests that the plugin
 * would have judged: letting them pass would open what the configuration closes.
 */
export const GUARDING_PLUGINS: ReadonlySet<string> = new Set([
  'acl',
  'basic-auth',
  'bot-detection',
  'hmac-auth',
  'ip-restriction',
  'jwt',
  'key-auth',
  'ldap-auth',
  'oauth2',
  'session',
]);
