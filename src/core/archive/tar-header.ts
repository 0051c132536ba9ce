const TYPES: Readonly<Record<string, string>> = {
  '0': 'a file',
  '\0': 'a file',
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder',
  '6': 'a pipe',
};
const SET_ID = 0o6000;

/**
 * What a tar header says of its entry, for a message; null where it is no header. Archives are not read by it: see layout.ts.
 */
export function describeHeader(
  header: Buffer,
): { readonly text: string; readonly isHostile: boolean } | null {
  if (!hasChecksum(header)) return null;
  const name = textAt(header, 0, 100);
  const type = TYPES[String.fromCharCode(header[156] ?? 0)] ?? 'an entry of another kind';
  const mode = Number.parseInt(textAt(header, 100, 8), 8);
  const isHostile =
    type !== 'a file' || name.startsWith('/') || name.split('/').includes('..') || (mode & SET_ID) !== 0;
  return { text: `${type} ${JSON.stringify(name)}`, isHostile };
}

/** The sum of all bytes, its own field counted as spaces. */
function hasChecksum(header: Buffer): boolean {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  return Number.parseInt(textAt(header, 148, 8), 8) === sum;
}

const textAt = (header: Buffer, from: number, length: number): string =>
  header
    .toString('utf8', from, from + length)
    .split('\0')[0]
    ?.trim() ?? '';
