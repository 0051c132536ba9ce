import type { Files } from '../core/ports/files.ts';
import type { CertificateFacts, X509 } from '../core/ports/x509.ts';
import {
  authorityKeyPath,
  authorityPath,
  certificatePath,
  type FoundAuthority,
  type FoundCertificate,
  keyPath,
  type WantedCertificate,
} from './model.ts';

export interface FoundCertificates {
  readonly authority: FoundAuthority;
  readonly leaves: readonly FoundCertificate[];
}

/** What lies on disk for the authority and every wanted leaf. */
export async function readCertificates(
  ports: { readonly files: Files; readonly x509: X509 },
  root: string,
  wanted: readonly WantedCertificate[],
): Promise<FoundCertificates> {
  const text = async (path: string): Promise<string | null> =>
    (await ports.files.read(path))?.toString('utf8') ?? null;
  const facts = (pem: string | null): CertificateFacts | 'unreadable' | null => {
    if (pem === null) return null;
    try {
      return ports.x509.read(pem);
    } catch {
      return 'unreadable';
    }
  };
  const authorityPem = await text(authorityPath(root));
  const authorityKey = await text(authorityKeyPath(root));
  const authorityFacts = facts(authorityPem);
  const usableAuthority = authorityFacts === 'unreadable' ? null : authorityPem;
  const leaves = await Promise.all(
    wanted.map(async ({ name }) => {
      const certificatePem = await text(certificatePath(root, name));
      const key = await text(keyPath(root, name));
      const certificate = facts(certificatePem);
      const readable = certificate !== 'unreadable' && certificatePem !== null;
      return {
        name,
        certificate,
        keyMatches: readable && key !== null && ports.x509.keyMatches(certificatePem, key),
        signedByAuthority:
          readable && usableAuthority !== null && ports.x509.signedBy(certificatePem, usableAuthority),
      };
    }),
  );
  return {
    authority: {
      certificate: authorityFacts,
      keyMatches:
        usableAuthority !== null &&
        authorityKey !== null &&
        ports.x509.keyMatches(usableAuthority, authorityKey),
    },
    leaves,
  };
}
