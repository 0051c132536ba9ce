import { dirname } from 'node:path';
import type { Clock } from '../core/ports/clock.ts';
import type { Files } from '../core/ports/files.ts';
import type { KeyPair, X509 } from '../core/ports/x509.ts';
import { authorityKeyPath, authorityPath, certificatesFolder } from './model.ts';
import type { CertificatePlan } from './plan.ts';
import { swapPair } from './store.ts';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clocks of containers and clients may be a day behind the one that signs, or that one a day ahead. */
const BACKDATE_MS = 25 * 3_600_000;

/** Makes what the plan names. The authority's key stays on the machine and in no container. */
export async function applyCertificatePlan(
  plan: CertificatePlan,
  ports: { readonly files: Files; readonly x509: X509; readonly clock: Clock },
  settings: { readonly root: string; readonly project: string; readonly validDays: number },
): Promise<string[]> {
  const { files, x509, clock } = ports;
  const { root } = settings;
  if (!plan.makeAuthority && plan.issue.length === 0) return [];
  const notBefore = new Date(clock.now() - BACKDATE_MS);
  // Folders of leaves are mounted whole and read by other users; the one above them keeps everybody out.
  await files.makeFolder(certificatesFolder(root), 0o700);
  if (plan.makeAuthority) {
    const made = await x509.makeAuthority({
      commonName: `${settings.project} local authority`,
      notBefore,
      notAfter: new Date(clock.now() + AUTHORITY_DAYS * DAY_MS),
    });
    await files.makeFolder(dirname(authorityPath(root)), 0o755);
    await files.write(authorityKeyPath(root), made.keyPem, 0o400);
    await files.write(authorityPath(root), made.certificatePem, 0o444);
  }
  const authority = await readAuthority(files, root);
  // Nothing is valid for longer than what signed it.
  const endMs = Math.min(
    clock.now() + settings.validDays * DAY_MS,
    x509.read(authority.certificatePem).notAfter.getTime(),
  );
  for (const { name, hosts } of plan.issue) {
    const leaf = await x509.issue({
      authority,
      commonName: hosts[0] ?? name,
      hosts,
      notBefore,
      notAfter: new Date(endMs),
    });
    const id = x509.read(leaf.certificatePem).serialNumber.toLowerCase();
    await swapPair(files, { root, name, id }, { ...leaf, broughtAuthorityPem: null });
  }
  return plan.issue.map(({ name }) => name);
}

async function readAuthority(files: Files, root: string): Promise<KeyPair> {
  const certificatePem = await files.read(authorityPath(root));
  const keyPem = await files.read(authorityKeyPath(root));
  if (certificatePem === null || keyPem === null)
    throw new Error('the authority vanished while it was in use');
  return { certificatePem: certificatePem.toString('utf8'), keyPem: keyPem.toString('utf8') };
}
