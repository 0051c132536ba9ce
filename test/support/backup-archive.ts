import { readFileSync, writeFileSync } from 'node:fs';
import { localArchiveFiles } from '../../src/adapters/archive-files.ts';
import type { Contents, Manifest } from '../../src/backup/model.ts';
import { type OpenArchive, readArchive } from '../../src/backup/read-archive.ts';
import type { Lock, Opener } from '../../src/backup/seal.ts';
import { ArchiveWriter } from '../../src/backup/write-archive.ts';
import {
  FIRST_MEMBER,
  HEADER_BYTES,
  headerOf,
  manifestText,
  paddingOf,
} from '../../src/core/archive/layout.ts';
import type { OpenFile } from '../../src/core/ports/archive-files.ts';
import { Secret } from '../../src/core/secret.ts';

/** A key without a passphrase: nobody waits for scrypt. Made for these tests. */
export const IDENTITY = 'AGE-SECRET-KEY-1TZYSRXZTQKJSCR2U79YSGR7SLET80KMVM4R0NGE6WA9JHLN9A5MSRFZX2D';
export const OPENER: Opener = { kind: 'identities', identities: new Secret(`# a test's\n${IDENTITY}\n`) };

export const facts = (
  given: Partial<Omit<Manifest, 'members' | 'createdAt'>> = {},
): Omit<Manifest, 'members' | 'createdAt'> => ({
  format: 1,
  apictl: '0.1.0',
  project: 'shop',
  sequence: 7,
  flavour: 'embedded',
  postgres: { version: '17.5', major: 17 },
  kong: { version: '3.8.0' },
  key: { kind: 'recipients', recipients: 1 },
  leftOut: [],
  ...given,
});

export const contents = (
  given: Partial<Omit<Contents, 'manifest' | 'plain'>> = {},
): Omit<Contents, 'manifest' | 'plain'> => ({
  databases: [],
  roles: 'roles.sql.age',
  trees: [],
  files: [],
  silences: [],
  snapshot: null,
  kong: null,
  ...given,
});

export const CREATED_AT = '2026-11-26T15:04:12.345Z';

/** Writes an archive with these members. */
export async function writeArchive(
  path: string,
  lock: Lock,
  members: Readonly<Record<string, Uint8Array>>,
  given: { readonly facts?: Partial<Manifest>; readonly contents?: Partial<Contents> } = {},
): Promise<Manifest> {
  const file = await localArchiveFiles.create(`${path}.unfinished`);
  const writer = await ArchiveWriter.begin(file, CREATED_AT, lock);
  for (const [name, bytes] of Object.entries(members)) await writer.add(name, pieces(bytes));
  return writer.finish(path, facts(given.facts), contents(given.contents));
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}

/** Opens an archive and reads all of it, as a restore does before it touches anything. */
export async function readWhole(path: string, opener: Opener = OPENER): Promise<OpenArchive> {
  const file = await localArchiveFiles.open(path);
  if (file === null) throw new Error(`there is no ${path}`);
  openFiles.push(file);
  const archive = await readArchive(file, path);
  await archive.check();
  return archive.open(opener);
}

const openFiles: OpenFile[] = [];

/** What was opened to be read later. */
export async function closeFiles(): Promise<void> {
  await Promise.all(openFiles.splice(0).map((file) => file.close()));
}

/** A member's place in an archive: where its header begins, and where its bytes do. */
export function placeOf(
  manifest: Manifest,
  name: string,
): { readonly header: number; readonly bytes: number } {
  let at = FIRST_MEMBER;
  for (const member of manifest.members) {
    if (member.name === name) return { header: at, bytes: at + HEADER_BYTES };
    at += HEADER_BYTES + member.bytes + paddingOf(member.bytes);
  }
  throw new Error(`there is no ${name}`);
}

/** Changes bytes of a copy. */
export function change(from: string, to: string, edit: (bytes: Buffer) => void): void {
  const bytes = readFileSync(from);
  edit(bytes);
  writeFileSync(to, bytes);
}

/** An archive put together anew from members as they lie there, as somebody without the key could. */
export async function reassembled(
  from: string,
  manifest: Manifest,
  members: readonly string[],
  listed: readonly Manifest['members'][number][],
): Promise<Buffer> {
  const bytes = readFileSync(from);
  const parts = members.map((name) => {
    const { header } = placeOf(manifest, name);
    const size = manifest.members.find((member) => member.name === name)?.bytes ?? 0;
    return bytes.subarray(header, header + HEADER_BYTES + size + paddingOf(size));
  });
  const text = manifestText({ ...manifest, members: listed });
  return Buffer.concat([
    await headerOf('manifest.json', text.length, manifest.createdAt),
    text,
    ...parts,
    Buffer.alloc(1024),
  ]);
}

export async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of source) found.push(piece);
  return Buffer.concat(found);
}
