import type { CaCertificate, Certificate, Service } from '../model/entities.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** One address to connect to, with all that makes one connection different from another. */
export interface Destination {
  readonly isTls: boolean;
  readonly ip: string;
  readonly port: number;
  /** The name that the certificate must carry and that is sent as SNI; empty without TLS. */
  readonly serverName: string;
  readonly connectTimeoutMs: number;
  readonly verifiesTls: boolean;
  readonly ca: readonly string[];
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
}

const pemOf = (ids: readonly string[] | null, all: ReadonlyMap<string, CaCertificate>): string[] =>
  (ids ?? []).flatMap((id) => {
    const found = all.get(id);
    return found ? [found.cert] : [];
  });

export const isTlsProtocol = (protocol: Service['protocol']): boolean =>
  protocol === 'https' || protocol === 'grpcs' || protocol === 'tls';

/** What a service says about its connections, apart from the address. */
export type ConnectionSettings = Omit<Destination, 'ip' | 'port' | 'serverName'>;

const PLAIN = { isTls: false, verifiesTls: false, ca: [], clientCertificate: undefined } as const;

export const connectionSettings = (
  service: Service,
  snapshot: Pick<Snapshot, 'caCertificates' | 'certificates'>,
  upstreamCertificate: Certificate | undefined,
): ConnectionSettings => {
  if (!isTlsProtocol(service.protocol)) return { ...PLAIN, connectTimeoutMs: service.connect_timeout };
  const certificate = service.client_certificate
    ? snapshot.certificates.get(service.client_certificate.id)
    : upstreamCertificate;
  return {
    isTls: true,
    connectTimeoutMs: service.connect_timeout,
    verifiesTls: service.tls_verify ?? false,
    ca: pemOf(service.ca_certificates, snapshot.caCertificates),
    clientCertificate: certificate ? { cert: certificate.cert, key: certificate.key } : undefined,
  };
};

/** `Host` towards an upstream: with the port, unless it is the scheme's own. */
export const hostHeader = (hostname: string, port: number, isTls: boolean): string => {
  const name = hostname.includes(':') ? `[${hostname}]` : hostname;
  return port === (isTls ? 443 : 80) ? name : `${name}:${port}`;
};
