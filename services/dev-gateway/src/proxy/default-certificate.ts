import { readFile, stat } from 'node:fs/promises';
import type { KeyPairs } from './certificate-store.ts';
import type { GatewayLog } from './gateway-log.ts';
import { selfSignedPair } from './self-signed.ts';

/** Where the gateway's own certificate comes from: `KONG_SSL_CERT` and `KONG_SSL_CERT_KEY`. */
export interface CertificateSource {
  /** Each a path, PEM text or PEM in base64. Empty lists mean a self-signed pair that lives as long as the process. */
  readonly certs: readonly string[];
  readonly keys: readonly string[];
}

const isPem = (text: string): boolean => text.includes('-----BEGIN');

const readPem = async (value: string): Promise<string> => {
  if (isPem(value)) return value;
  if (value.startsWith('/')) return readFile(value, 'utf8');
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  if (isPem(decoded)) return decoded;
  throw new Error(`"${value.slice(0, 40)}" is neither an absolute path nor PEM`);
};

/** @throws Error when a file is missing or not PEM */
export const loadDefaultPairs = async (source: CertificateSource): Promise<KeyPairs> => {
  if (source.certs.length === 0) return selfSignedPair();
  if (source.certs.length !== source.keys.length) {
    throw new Error(`${source.certs.length} certificate(s) but ${source.keys.length} key(s) are set`);
  }
  return {
    certs: await Promise.all(source.certs.map(readPem)),
    keys: await Promise.all(source.keys.map(readPem)),
  };
};

const fingerprint = async (paths: readonly string[]): Promise<string> => {
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return stats.map(({ ino, mtimeMs, size }) => `${ino}:${mtimeMs}:${size}`).join('|');
};

/**
 * Calls `onChange` when a certificate file was replaced. Files are compared at an interval, as mounted directories whose
 * links are swapped do not reliably raise events. Answers how to stop.
 */
export const watchCertificateFiles = (
  source: CertificateSource,
  intervalMs: number,
  log: GatewayLog,
  onChange: () => Promise<void>,
): (() => void) => {
  const paths = [...source.certs, ...source.keys].filter((value) => value.startsWith('/'));
  if (paths.length === 0) return () => undefined;
  let last: string | undefined;
  let isChecking = false;
  const check = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    try {
      const current = await fingerprint(paths);
      if (last !== undefined && current !== last) await onChange();
      last = current;
    } catch (error) {
      // During a swap a file may be gone for a moment; the next look finds it.
      log.warn(
        `certificate files cannot be looked at: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    isChecking = false;
  };
  void check();
  const timer = setInterval(() => void check(), intervalMs);
  timer.unref();
  return () => clearInterval(timer);
};
