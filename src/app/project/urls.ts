import type { Config, DoorName, PortName } from '../../config/schema.ts';
import { tlsDoors } from '../../config/tls.ts';

/** Where a person or a program reaches what runs: name -> URL, only for services that are rendered. */
export function stackUrls(config: Config, services: readonly string[]): Record<string, string> {
  const doors: readonly (readonly [service: string, name: string, url: string])[] = [
    ['kong', 'proxy', doorUrl(config, 'proxy')],
    ['kong', 'proxyTls', doorUrl(config, 'proxyTls', true)],
    ['kong', 'admin', doorUrl(config, 'admin')],
    ['kong', 'manager', doorUrl(config, 'manager')],
    ['logging', 'logging', doorUrl(config, 'loggingAdmin')],
    ['prometheus', 'prometheus', doorUrl(config, 'prometheus')],
    ['alertmanager', 'alertmanager', doorUrl(config, 'alertmanager')],
    ['grafana', 'grafana', doorUrl(config, 'grafana')],
    ['kibana', 'kibana', doorUrl(config, 'kibana')],
    ['elasticsearch', 'elasticsearch', doorUrl(config, 'elasticsearch')],
  ];
  return Object.fromEntries(
    doors.filter(([service]) => services.includes(service)).map(([, name, url]) => [name, url]),
  );
}

/** The URL of a port, whose name is that of its switch in `tls.doors` where it has one. */
export const doorUrl = (
  { bind, ports, tls }: Pick<Config, 'bind' | 'ports' | 'tls'>,
  port: PortName,
  isTls = port in tls.doors && tlsDoors(tls)[port as DoorName],
): string => `${isTls ? 'https' : 'http'}://${hostOf(bind)}:${ports[port]}`;

/** A listener on every address is reached over the loopback; IPv6 addresses stand in brackets. */
export function hostOf(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return bind.includes(':') ? `[${bind}]` : bind;
}
