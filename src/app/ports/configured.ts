import { PORT_NAMES } from '../../config/ports.ts';
import type { Config, PortName } from '../../config/schema.ts';
import type { WantedPort } from '../../stack/render/published-ports.ts';

/** The service behind each port of the configuration. */
const SERVICES: Readonly<Record<PortName, string>> = {
  proxy: 'kong',
  proxyTls: 'kong',
  admin: 'kong',
  adminTls: 'kong',
  manager: 'kong',
  logging: 'logging',
  loggingAdmin: 'logging',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
  grafana: 'grafana',
  elasticsearch: 'elasticsearch',
  kibana: 'kibana',
};

/** Every port that the configuration may publish, before anything is rendered. */
export const configuredPorts = (config: Config): WantedPort[] =>
  PORT_NAMES.map((name) => ({
    service: SERVICES[name],
    address: config.bind,
    port: config.ports[name],
  }));
