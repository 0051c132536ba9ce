import { basename, dirname, join } from 'node:path';
import type { Files } from '../core/ports/files.ts';
import { BROUGHT_AUTHORITY, CERTIFICATE, KEY, pairFolder, trustPath } from './model.ts';

/**
 * How a pair lies on disk, so that it is replaced as one:
 *
 *     secrets/certs/proxy/.pair-1f3a…/tls.crt, tls.key, and ca.crt where it was imported
 *     secrets/certs/proxy/.pair    -> .pair-1f3a…
 *     secrets/certs/proxy/tls.crt  -> .pair/tls.crt
 *     secrets/certs/proxy/tls.key  -> .pair/tls.key
 *
 * The folder `proxy` itself is mounted and never replaced: a container would go on seeing the old one. Its link `.pair` is
 * renamed over, which swaps certificate and key in one step, also for a container that has the folder mounted.
 */

/** What is written of a pair. */
export interface StoredPair {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** The authority that an imported pair brought along; null for one that was issued here. */
  readonly broughtAuthorityPem: string | null;
}

const CURRENT = '.pair';
const VERSION = /^\.pair-/;

/** Parts of a write that was cut off. */
const TEMPORARY = /^\.(?:pair|tls\.crt|tls\.key|ca\.crt)\.[0-9a-f]{12}$/;

/**
 * Puts a pair into the place of the one that is there. Killed at any moment, it leaves the old pair or the new one, whole.
 * @param id tells this pair from all others, as its serial number
 */
export async function swapPair(
  files: Files,
  place: { readonly root: string; readonly name: string; readonly id: string },
  pair: StoredPair,
): Promise<void> {
  const folder = pairFolder(place.root, place.name);
  // Services run as other users; the folder above keeps everybody else out.
  await files.makeFolder(folder, 0o755);
  const before = await files.realPath(join(folder, CURRENT));
  const previous = before === null ? await adopt(files, folder) : basename(before);
  const version = `${CURRENT}-${place.id}`;
  await writeVersion(files, join(folder, version), pair);
  await linkParts(files, folder, pair.broughtAuthorityPem !== null);
  await files.link(join(folder, CURRENT), version);
  if (pair.broughtAuthorityPem === null) await files.remove(join(folder, BROUGHT_AUTHORITY));
  await clearAway(files, folder, new Set([version, previous]));
}

async function writeVersion(files: Files, folder: string, pair: StoredPair): Promise<void> {
  // What a killed run left under this name is not to be trusted.
  await files.remove(folder);
  await files.makeFolder(folder, 0o755);
  await files.write(join(folder, KEY), pair.keyPem, 0o444);
  await files.write(join(folder, CERTIFICATE), pair.certificatePem, 0o444);
  if (pair.broughtAuthorityPem !== null) {
    await files.write(join(folder, BROUGHT_AUTHORITY), pair.broughtAuthorityPem, 0o444);
  }
}

/**
 * Two plain files, as somebody put them there by hand or out of an archive, become the current pair first, so that each later
 * step swaps both. Answers the name of their version, or an empty text where there is no whole pair.
 */
async function adopt(files: Files, folder: string): Promise<string> {
  const [certificate, key, authority] = await Promise.all(
    [CERTIFICATE, KEY, BROUGHT_AUTHORITY].map((name) => files.read(join(folder, name))),
  );
  if (certificate == null || key == null) return '';
  const version = `${CURRENT}-adopted`;
  await writeVersion(files, join(folder, version), {
    certificatePem: certificate.toString('utf8'),
    keyPem: key.toString('utf8'),
    broughtAuthorityPem: authority?.toString('utf8') ?? null,
  });
  await files.link(join(folder, CURRENT), version);
  await linkParts(files, folder, authority != null);
  return version;
}

/** The names under which everybody knows the parts; what is not there yet comes with the swap, all at once. */
async function linkParts(files: Files, folder: string, isImported: boolean): Promise<void> {
  const names = [CERTIFICATE, KEY, ...(isImported ? [BROUGHT_AUTHORITY] : [])];
  for (const name of names) await files.link(join(folder, name), `${CURRENT}/${name}`);
}

/** All but the current pair and the one before it: a service may be reading that one at this moment. */
async function clearAway(files: Files, folder: string, kept: ReadonlySet<string>): Promise<void> {
  const names = await files.list(folder);
  const old = names.filter((name) => TEMPORARY.test(name) || (VERSION.test(name) && !kept.has(name)));
  for (const name of old) await files.remove(join(folder, name));
}

/** Writes the authorities that services of the stack trust, where they are others than before. Says whether it wrote. */
export async function writeTrust(files: Files, root: string, bundlePem: string): Promise<boolean> {
  const path = trustPath(root);
  if ((await files.read(path))?.toString('utf8') === bundlePem) return false;
  await files.makeFolder(dirname(path), 0o755);
  await files.write(path, bundlePem, 0o444);
  return true;
}
