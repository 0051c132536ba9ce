import { join } from 'node:path';
import type { Config, DoorName, PortName } from '../config/schema.ts';
import { tlsDoors } from '../config/tls.ts';
import type { CertificateFacts } from '../core/ports/x509.ts';

/** A leaf certificate that the stack wants. */
export interface WantedCertificate {
  readonly name: string;
  /** The door it stands at, for people. */
  readonly door: string;
  /** The service that shows it. */
  readonly service: string;
  /** The port of the host behind which it is shown; null where it is shown inside of the network only. */
  readonly port: PortName | null;
  /** What people call the door by: `tls.hosts`. */
  readonly hosts: readonly string[];
  /** What the services of the stack call it by; an imported certificate need not hold for them, unless they ask by these names. */
  readonly insideHosts: readonly string[];
  readonly isAskedInside?: boolean;
}

/** A pair as it lies on disk. */
export interface FoundPair {
  readonly name: string;
  /** Null where there is no file; `unreadable` where the bytes are no certificate. */
  readonly certificate: CertificateFacts | 'unreadable' | null;
  /** Behind the leaf, in the file's order. */
  readonly chain: readonly CertificateFacts[];
  readonly key: 'fits' | 'missing' | 'encrypted' | 'unreadable' | 'other';
  /** `issued` by the local authority, or `imported`: the user's own, which is never replaced unasked. */
  readonly origin: 'issued' | 'imported';
  /** Whether the leaf leads to its authority: the local one, or the one that an imported pair brought along. */
  readonly trust: 'complete' | 'incomplete' | 'other authority';
}

/** The authority as it lies on disk. */
export interface FoundAuthority {
  readonly certificate: CertificateFacts | 'unreadable' | null;
  readonly keyMatches: boolean;
}

/**
 * Names inside the network stand beside the configured hosts, so that the probes and the exporters verify the same
 * certificates as people do.
 */
export const wantedCertificates = ({ tls }: Pick<Config, 'tls'>): WantedCertificate[] =>
  CERTIFICATES.filter(({ name }) => isWanted(name, tls)).map((certificate) => ({
    ...certificate,
    hosts: tls.hosts,
  }));

/** The certificates that a switch of `tls.doors` brings; the others are always there. */
const SWITCHES: Readonly<Record<string, DoorName>> = {
  manager: 'manager',
  logging: 'loggingAdmin',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
  grafana: 'grafana',
  elasticsearch: 'elasticsearch',
  kibana: 'kibana',
};

function isWanted(name: string, tls: Config['tls']): boolean {
  if (name === 'postgres') return tls.internal;
  const door = SWITCHES[name];
  return door === undefined || tlsDoors(tls)[door];
}

type Certificate = Omit<WantedCertificate, 'hosts'>;

const ofService = (name: string, door: string, port: PortName | null): Certificate => ({
  name,
  door,
  service: name,
  port,
  insideHosts: [name],
});

const CERTIFICATES: readonly Certificate[] = [
  { name: 'proxy', door: 'Kong’s proxy', service: 'kong', port: 'proxyTls', insideHosts: ['kong'] },
  { name: 'admin', door: 'Kong’s Admin API', service: 'kong', port: 'adminTls', insideHosts: ['kong-admin'] },
  { name: 'manager', door: 'Kong Manager', service: 'kong', port: 'manager', insideHosts: ['kong'] },
  ofService('logging', 'the logging service’s administration', 'loggingAdmin'),
  ofService('prometheus', 'Prometheus', 'prometheus'),
  ofService('alertmanager', 'Alertmanager', 'alertmanager'),
  ofService('grafana', 'Grafana', 'grafana'),
  { ...ofService('postgres', 'PostgreSQL, inside of the stack', null), isAskedInside: true },
  { ...ofService('elasticsearch', 'Elasticsearch', 'elasticsearch'), isAskedInside: true },
  { ...ofService('kibana', 'Kibana', 'kibana'), isAskedInside: true },
];

/** Every name that a certificate of the local authority gets. */
export const allHosts = ({ hosts, insideHosts }: WantedCertificate): string[] => [
  ...new Set([...hosts, ...insideHosts]),
];

const DAY_MS = 86_400_000;

export const daysLeft = (certificate: CertificateFacts, nowMs: number): number =>
  Math.floor((certificate.notAfter.getTime() - nowMs) / DAY_MS);

export const certificatesFolder = (root: string): string => join(root, 'secrets', 'certs');
export const pairFolder = (root: string, name: string): string => join(certificatesFolder(root), name);
export const certificatePath = (root: string, name: string): string =>
  join(pairFolder(root, name), CERTIFICATE);
export const keyPath = (root: string, name: string): string => join(pairFolder(root, name), KEY);
/** The authority that an imported pair brought along. That it is there is what makes a pair an imported one. */
export const broughtAuthorityPath = (root: string, name: string): string =>
  join(pairFolder(root, name), BROUGHT_AUTHORITY);
export const authorityPath = (root: string): string => join(certificatesFolder(root), 'ca', 'ca.crt');
export const authorityKeyPath = (root: string): string => join(certificatesFolder(root), 'ca', 'tls.key');
/** Every authority that the stack's own clients trust, in a folder that they mount. */
export const trustPath = (root: string): string => join(certificatesFolder(root), 'trust', 'ca.crt');

export const CERTIFICATE = 'tls.crt';
export const KEY = 'tls.key';
export const BROUGHT_AUTHORITY = 'ca.crt';
