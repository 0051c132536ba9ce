/** The certificate of a listener: read from its files, checked, and read again while the listener goes on. */
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { CertificateFiles } from '../config/load.ts';

/** @throws Error naming the files when they cannot be read or do not belong together */
export async function readCertificate({ cert, key }: CertificateFiles): Promise<SecureContextOptions> {
  try {
    const [certificate, privateKey] = await Promise.all([readFile(cert, 'utf8'), readFile(key, 'utf8')]);
    const options: SecureContextOptions = { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' };
    createSecureContext(options);
    return options;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the certificate ${cert} with the key ${key} cannot be used: ${reason}`, {
      cause: error,
    });
  }
}

/**
 * Whoever connects from now on is shown what the files hold now; connections that are there go on.
 * @throws Error as `readCertificate`; the certificate in use then stays
 */
export async function reloadCertificate(app: FastifyInstance, files: CertificateFiles): Promise<void> {
  const options = await readCertificate(files);
  (app.server as unknown as Server).setSecureContext(options);
}
