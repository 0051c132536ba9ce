/** Entities with Kong's defaults, for tests that need no database. */
import { randomUUID } from 'node:crypto';
import type {
  Consumer,
  KeyAuthCredential,
  Plugin,
  PluginConfig,
  Route,
  Service,
  Target,
  Upstream,
} from '../../src/model/entities.ts';

let stamp = 1_700_000_000;
const stamped = () => {
  stamp += 1;
  return { id: randomUUID(), created_at: stamp, updated_at: stamp, tags: null };
};

export const service = (given: Partial<Service> = {}): Service => ({
  ...stamped(),
  name: 'service',
  protocol: 'http',
  host: '127.0.0.1',
  port: 80,
  path: null,
  retries: 5,
  connect_timeout: 60_000,
  write_timeout: 60_000,
  read_timeout: 60_000,
  client_certificate: null,
  tls_verify: null,
  tls_verify_depth: null,
  ca_certificates: null,
  enabled: true,
  ...given,
});

export const route = (given: Partial<Route> = {}): Route => ({
  ...stamped(),
  name: null,
  protocols: ['http', 'https'],
  methods: null,
  hosts: null,
  paths: null,
  headers: null,
  snis: null,
  sources: null,
  destinations: null,
  https_redirect_status_code: 426,
  regex_priority: 0,
  strip_path: true,
  path_handling: 'v0',
  preserve_host: false,
  request_buffering: true,
  response_buffering: true,
  service: null,
  ...given,
});

const NO_CHECKS: Upstream['healthchecks'] = {
  active: {
    type: 'http',
    timeout: 1,
    concurrency: 10,
    http_path: '/',
    https_sni: null,
    https_verify_certificate: true,
    headers: null,
    healthy: { interval: 0, http_statuses: [200, 302], successes: 0 },
    unhealthy: {
      interval: 0,
      http_statuses: [429, 404, 500, 501, 502, 503, 504, 505],
      tcp_failures: 0,
      timeouts: 0,
      http_failures: 0,
    },
  },
  passive: {
    type: 'http',
    healthy: { http_statuses: [200, 201, 204, 302, 304], successes: 0 },
    unhealthy: { http_statuses: [429, 500, 503], tcp_failures: 0, timeouts: 0, http_failures: 0 },
  },
  threshold: 0,
};

export interface CheckChanges {
  readonly active?: Partial<Upstream['healthchecks']['active']>;
  readonly passive?: Partial<Upstream['healthchecks']['passive']>;
  readonly threshold?: number;
}

export const healthchecks = ({ active, passive, threshold }: CheckChanges): Upstream['healthchecks'] => ({
  active: { ...NO_CHECKS.active, ...active },
  passive: { ...NO_CHECKS.passive, ...passive },
  threshold: threshold ?? 0,
});

export const upstream = (given: Partial<Upstream> = {}): Upstream => ({
  ...stamped(),
  name: 'backend',
  algorithm: 'round-robin',
  hash_on: 'none',
  hash_fallback: 'none',
  hash_on_header: null,
  hash_fallback_header: null,
  hash_on_cookie: null,
  hash_on_cookie_path: '/',
  hash_on_query_arg: null,
  hash_fallback_query_arg: null,
  hash_on_uri_capture: null,
  hash_fallback_uri_capture: null,
  slots: 10_000,
  healthchecks: NO_CHECKS,
  host_header: null,
  client_certificate: null,
  use_srv_name: false,
  ...given,
});

export const target = (of: Upstream, address: string, given: Partial<Target> = {}): Target => ({
  ...stamped(),
  target: address,
  weight: 100,
  upstream: { id: of.id },
  ...given,
});

export const consumer = (username: string, given: Partial<Consumer> = {}): Consumer => ({
  ...stamped(),
  username,
  custom_id: null,
  ...given,
});

export const key = (of: Consumer, value: string): KeyAuthCredential => ({
  id: randomUUID(),
  created_at: 1_700_000_000,
  tags: null,
  key: value,
  ttl: null,
  consumer: { id: of.id },
});

export const plugin = (name: string, config: PluginConfig, given: Partial<Plugin> = {}): Plugin => ({
  ...stamped(),
  name,
  instance_name: null,
  enabled: true,
  protocols: ['grpc', 'grpcs', 'http', 'https'],
  config,
  service: null,
  route: null,
  consumer: null,
  ...given,
});
