import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { CertificateFacts } from '../core/ports/x509.ts';

/** A leaf certificate that the stack wants. */
export interface WantedCertificate {
  readonly name: string;
  /** The door it stands at, for people. */
  readonly door: string;
  readonly hosts: readonly string[];
}

/** A pair as it lies on disk. */
export interface FoundCertificate {
  readonly name: string;
  /** Null where there is no file; `unreadable` where the bytes are no certificate. */
  readonly certificate: CertificateFacts | 'unreadable' | null;
  readonly keyMatches: boolean;
  readonly signedByAuthority: boolean;
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
export const wantedCertificates = (config: Config): WantedCertificate[] => [
  { name: 'proxy', door: 'Kong’s proxy', hosts: unique([...config.tls.hosts, 'kong']) },
  { name: 'admin', door: 'Kong’s Admin API', hosts: unique([...config.tls.hosts, 'kong-admin']) },
];

const unique = (hosts: readonly string[]): string[] => [...new Set(hosts)];

export const certificatesFolder = (root: string): string => join(root, 'secrets', 'certs');
export const certificatePath = (root: string, name: string): string =>
  join(certificatesFolder(root), name, 'tls.crt');
export const keyPath = (root: string, name: string): string =>
  join(certificatesFolder(root), name, 'tls.key');
export const authorityPath = (root: string): string => join(certificatesFolder(root), 'ca', 'ca.crt');
export const authorityKeyPath = (root: string): string => join(certificatesFolder(root), 'ca', 'tls.key');
