import { availableParallelism } from 'node:os';
import type { CertificateSource } from './default-certificate.ts';
import { type ListenAddress, parseListenAddresses } from './listen-address.ts';

/** What the proxy takes from the environment, in Kong's own names. */
export interface ProxySettings {
  readonly listen: readonly ListenAddress[];
  readonly certificate: CertificateSource;
  readonly dnsValidTtlMs: number;
  readonly trustedRanges: readonly string[];
  readonly realIpHeader: string;
  readonly upstreamIdleTimeoutMs: number;
  /** Of Kong; this gateway has one, and balances as if it had as many. */
  readonly workerProcesses: number;
}

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

const seconds = (env: NodeJS.ProcessEnv, name: string, fallback: number): number => {
  const text = env[name];
  if (text === undefined || text === '') return fallback * 1000;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name}: "${text}" is not a number of seconds`);
  return value * 1000;
};

const workers = (text: string | undefined): number => {
  if (text === undefined || text === '' || text === 'auto') return availableParallelism();
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw new Error(`KONG_NGINX_WORKER_PROCESSES: "${text}" is neither auto nor a number from 1 to 1024`);
};

/** @throws Error that names the variable whose value cannot be used */
export const readProxySettings = (env: NodeJS.ProcessEnv): ProxySettings => {
  let listen: readonly ListenAddress[];
  try {
    listen = parseListenAddresses(env.KONG_PROXY_LISTEN || '0.0.0.0:8000, 0.0.0.0:8443 http2 ssl');
  } catch (error) {
    throw new Error(`KONG_PROXY_LISTEN: ${error instanceof Error ? error.message : String(error)}`);
  }
  const certs = list(env.KONG_SSL_CERT);
  const keys = list(env.KONG_SSL_CERT_KEY);
  if (certs.length !== keys.length) {
    throw new Error('KONG_SSL_CERT and KONG_SSL_CERT_KEY must name as many certificates as keys');
  }
  return {
    listen,
    certificate: { certs, keys },
    dnsValidTtlMs: seconds(env, 'KONG_DNS_VALID_TTL', 5),
    trustedRanges: list(env.KONG_TRUSTED_IPS).flatMap((range) => (range === 'unix:' ? [] : [range])),
    realIpHeader: env.KONG_REAL_IP_HEADER || 'X-Real-IP',
    upstreamIdleTimeoutMs: seconds(env, 'KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT', 60),
    workerProcesses: workers(env.KONG_NGINX_WORKER_PROCESSES),
  };
};
