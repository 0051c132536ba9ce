import type { Config } from '../config/schema.ts';

/** Where a person or a program reaches what runs: name -> URL, only for services that are rendered. */
export function stackUrls(config: Config, services: readonly string[]): Record<string, string> {
  const { ports } = config;
  const host = hostOf(config.bind);
  const doors: readonly (readonly [service: string, name: string, url: string])[] = [
    ['kong', 'proxy', `http://${host}:${ports.proxy}`],
    ['kong', 'proxyTls', `https://${host}:${ports.proxyTls}`],
    ['kong', 'admin', `http://${host}:${ports.admin}`],
    ['kong', 'manager', `http://${host}:${ports.manager}`],
    ['logging', 'logging', `http://${host}:${ports.loggingAdmin}`],
    ['prometheus', 'prometheus', `http://${host}:${ports.prometheus}`],
    ['alertmanager', 'alertmanager', `http://${host}:${ports.alertmanager}`],
    ['grafana', 'grafana', `http://${host}:${ports.grafana}`],
    ['kibana', 'kibana', `http://${host}:${ports.kibana}`],
    ['elasticsearch', 'elasticsearch', `http://${host}:${ports.elasticsearch}`],
  ];
  return Object.fromEntries(
    doors.filter(([service]) => services.includes(service)).map(([, name, url]) => [name, url]),
  );
}

/** A listener on every address is reached over the loopback; IPv6 addresses stand in brackets. */
export function hostOf(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return bind.includes(':') ? `[${bind}]` : bind;
}
