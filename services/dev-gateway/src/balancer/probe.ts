import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { ActiveHealthchecks } from '../model/entities.ts';
import type { Address } from './address.ts';
import type { Observation } from './health-state.ts';

export type ActiveProbeSettings = Pick<
  ActiveHealthchecks,
  | 'type'
  | 'timeout'
  | 'http_path'
  | 'https_sni'
  | 'https_verify_certificate'
  | 'headers'
  | 'healthy'
  | 'unhealthy'
> & { readonly hostHeader: string | null };

/**
 * Asks one address whether it is well, within `timeout` seconds in all. Never rejects; undefined means that the status
 * is neither among the healthy nor among the unhealthy ones and says nothing.
 */
export type Probe = (
  address: Address,
  settings: ActiveProbeSettings,
  signal: AbortSignal,
) => Promise<Observation | undefined>;

const judgeStatus = (status: number, settings: ActiveProbeSettings): Observation | undefined => {
  if (settings.healthy.http_statuses.includes(status)) return 'success';
  return settings.unhealthy.http_statuses.includes(status) ? 'http-failure' : undefined;
};

const probeHttp = (address: Address, settings: ActiveProbeSettings, signal: AbortSignal) =>
  new Promise<Observation | undefined>((resolve) => {
    const isTls = settings.type === 'https' || settings.type === 'grpcs';
    const hostname = settings.hostHeader ?? address.hostname;
    const headers: Record<string, string | string[]> = {};
    for (const [name, values] of Object.entries(settings.headers ?? {}))
      headers[name.toLowerCase()] = [...values];
    const options = {
      host: address.ip,
      port: address.port,
      path: settings.http_path,
      method: 'GET',
      headers: { ...headers, host: hostname, connection: 'close' },
      agent: false as const,
      signal,
    };
    const request = isTls
      ? httpsRequest({
          ...options,
          servername: settings.https_sni ?? hostname,
          rejectUnauthorized: settings.https_verify_certificate,
        })
      : httpRequest(options);
    const timer = setTimeout(() => {
      resolve('timeout');
      request.destroy();
    }, settings.timeout * 1000);
    request.on('response', (response) => {
      clearTimeout(timer);
      resolve(judgeStatus(response.statusCode ?? 0, settings));
      response.resume();
      request.destroy();
    });
    request.on('error', () => {
      clearTimeout(timer);
      resolve('tcp-failure');
    });
    request.end();
  });

const probeTcp = (address: Address, settings: ActiveProbeSettings, signal: AbortSignal) =>
  new Promise<Observation | undefined>((resolve) => {
    const socket = connect({ host: address.ip, port: address.port });
    const settle = (observation: Observation): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(observation);
    };
    const onAbort = (): void => settle('tcp-failure');
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(settings.timeout * 1000, () => settle('timeout'));
    socket.on('connect', () => settle('success'));
    socket.on('error', () => settle('tcp-failure'));
  });

export const probeAddress: Probe = (address, settings, signal) =>
  settings.type === 'tcp' ? probeTcp(address, settings, signal) : probeHttp(address, settings, signal);
