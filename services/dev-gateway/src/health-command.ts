import { request } from 'undici';
import type { GatewayConfig } from './config.ts';
import type { ListenAddress } from './proxy/listen-address.ts';

const TIMEOUT_MS = 3_000;

const localHost = ({ host }: ListenAddress): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};

/**
 * Asks the running gateway whether it is ready, for the health check of a container.
 *
 * @returns what it answered
 * @throws Error when it does not answer or there is no status listener without TLS
 */
export async function askReadiness({
  status,
}: GatewayConfig): Promise<{ isReady: boolean; message: string }> {
  const address = status.addresses.find(({ isTls }) => !isTls);
  if (address === undefined) throw new Error('KONG_STATUS_LISTEN has no listener without TLS to ask');
  const response = await request(`http://${localHost(address)}:${address.port}/status/ready`, {
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  const body = (await response.body.json()) as { message?: unknown };
  return { isReady: response.statusCode === 200, message: String(body.message ?? response.statusCode) };
}
