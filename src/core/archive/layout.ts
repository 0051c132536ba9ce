import { pack } from 'tar-stream';

/**
 * Where the parts of an archive lie. It is an ordinary tar file: the manifest, which has a fixed size so that it can be written
 * last, then the members, then two empty blocks. Everything about it follows from the manifest, so a reader holds every byte that
 * is no member's against what it must be, and needs no parser that could be led astray.
 */

export const MANIFEST_NAME = 'manifest.json';
/** Room for some hundred members. */
export const MANIFEST_BYTES = 64 * 1024;
const BLOCK = 512;
export const HEADER_BYTES = BLOCK;
export const END_BYTES = 2 * BLOCK;
/** Where the first member's header lies. */
export const FIRST_MEMBER = HEADER_BYTES + MANIFEST_BYTES;

export const paddingOf = (bytes: number): number => (BLOCK - (bytes % BLOCK)) % BLOCK;

/** How long an archive is, to the byte. */
export const archiveBytes = (members: readonly { readonly bytes: number }[]): number =>
  members.reduce((sum, { bytes }) => sum + HEADER_BYTES + bytes + paddingOf(bytes), FIRST_MEMBER) + END_BYTES;

/** The tar header of a member: always the same for the same name, size and date. */
export async function headerOf(name: string, size: number, createdAt: string): Promise<Buffer> {
  const archive = pack();
  const mtime = new Date(Math.floor(Date.parse(createdAt) / 1000) * 1000);
  archive.entry({ name, size, mtime, mode: 0o600, uid: 0, gid: 0, type: 'file' });
  for await (const bytes of archive as AsyncIterable<Buffer>)
    return Buffer.from(bytes.subarray(0, HEADER_BYTES));
  throw new Error(`there is no tar header for ${name}`);
}

/** The manifest, filled up with spaces to its fixed size. */
export function manifestText(manifest: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(manifest, null, 1));
  if (text.length >= MANIFEST_BYTES) throw new Error('the manifest has no room for its members');
  return Buffer.concat([text, Buffer.alloc(MANIFEST_BYTES - text.length - 1, ' '), Buffer.from('\n')]);
}
