import { createSecureContext, type SecureContext } from 'node:tls';
import type { Certificate } from '../model/entities.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { GatewayLog } from './gateway-log.ts';

/** Certificates and keys in PEM that belong together: one pair, or an RSA and an ECDSA one. */
export interface KeyPairs {
  readonly certs: readonly string[];
  readonly keys: readonly string[];
}

const toPairs = (certificate: Certificate): KeyPairs =>
  certificate.cert_alt !== null && certificate.key_alt !== null
    ? { certs: [certificate.cert, certificate.cert_alt], keys: [certificate.key, certificate.key_alt] }
    : { certs: [certificate.cert], keys: [certificate.key] };

/** @throws Error when a key does not belong to its certificate or the PEM is broken */
const createContext = ({ certs, keys }: KeyPairs): SecureContext =>
  createSecureContext({ cert: [...certs], key: [...keys], minVersion: 'TLSv1.2' });

/** The names under which a server name may be listed, most specific first. */
const candidates = (serverName: string): string[] => {
  const firstDot = serverName.indexOf('.');
  const lastDot = serverName.lastIndexOf('.');
  if (firstDot < 0) return [serverName, '*'];
  return [serverName, `*${serverName.slice(firstDot)}`, `${serverName.slice(0, lastDot)}.*`, '*'];
};

/** Which certificate a TLS client gets: by its SNI from the configuration, else the gateway's own. */
export class CertificateStore {
  readonly #log: GatewayLog;
  readonly #contexts = new Map<
    string,
    { readonly entity: Certificate; readonly context: SecureContext | undefined }
  >();
  #byName = new Map<string, SecureContext>();
  #default: { readonly pairs: KeyPairs; readonly context: SecureContext };

  constructor(defaultPairs: KeyPairs, log: GatewayLog) {
    this.#log = log;
    this.#default = { pairs: defaultPairs, context: createContext(defaultPairs) };
  }

  get defaultPairs(): KeyPairs {
    return this.#default.pairs;
  }

  /** @throws Error when the pair cannot be used; the one in use then stays */
  setDefault(pairs: KeyPairs): void {
    this.#default = { pairs, context: createContext(pairs) };
  }

  apply(snapshot: Pick<Snapshot, 'certificates' | 'snis'>): void {
    for (const id of this.#contexts.keys()) if (!snapshot.certificates.has(id)) this.#contexts.delete(id);
    const byName = new Map<string, SecureContext>();
    for (const sni of snapshot.snis.values()) {
      const entity = snapshot.certificates.get(sni.certificate.id);
      const context = entity && this.#contextOf(entity);
      if (context) byName.set(sni.name.toLowerCase(), context);
    }
    this.#byName = byName;
  }

  contextFor(serverName: string): SecureContext {
    const lower = serverName.toLowerCase();
    for (const name of candidates(lower)) {
      const found = this.#byName.get(name);
      if (found) return found;
    }
    return this.#default.context;
  }

  #contextOf(entity: Certificate): SecureContext | undefined {
    const known = this.#contexts.get(entity.id);
    if (known?.entity === entity) return known.context;
    let context: SecureContext | undefined;
    try {
      context = createContext(toPairs(entity));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error(
        `certificate ${entity.id} cannot be used: ${reason}; its names get the default certificate`,
      );
    }
    this.#contexts.set(entity.id, { entity, context });
    return context;
  }
}
