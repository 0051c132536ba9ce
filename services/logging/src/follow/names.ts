/** Which files of a followed directory are log files, and which of them the rotation made. */

const LIVE = /^[^.].*\.ndjson$/;
const ROTATED = /^([^.].*\.ndjson)\.(\d{8}T\d{9}Z)$/;
// Another rotation's numbered or dated files are read as well; compressed and temporary ones are not text.
const FOREIGN = /^[^.].*\.ndjson[.-][0-9][0-9A-Za-z.-]*$/;
const NOT_TEXT = /\.(?:gz|zst|xz|bz2|tmp|swp|part)$/;

export type LogFileName =
  | { readonly kind: 'live'; readonly base: string }
  | { readonly kind: 'rotated'; readonly base: string; readonly stamp: string }
  | { readonly kind: 'foreign'; readonly base: string };

/** undefined for names that are none of our business. */
export function parseLogFileName(name: string): LogFileName | undefined {
  if (LIVE.test(name)) return { kind: 'live', base: name };
  const [, base, stamp] = ROTATED.exec(name) ?? [];
  if (base !== undefined && stamp !== undefined) return { kind: 'rotated', base, stamp };
  if (FOREIGN.test(name) && !NOT_TEXT.test(name)) {
    return { kind: 'foreign', base: name.slice(0, name.indexOf('.ndjson') + '.ndjson'.length) };
  }
  return undefined;
}

/** "access.ndjson" at a moment -> "access.ndjson.20261123T175933499Z": sorts by time, never renamed again. */
export function rotatedName(base: string, nowMs: number): string {
  return `${base}.${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}`;
}

/** Who writes a file: its stem, or the directory's name where the stem is as good as none ("access"). */
export function sourceOfFile(directory: string, base: string): string {
  const stem = base.slice(0, -'.ndjson'.length);
  if (stem !== 'access' && stem !== 'error') return stem;
  return directory.replace(/\/+$/, '').split('/').at(-1) ?? stem;
}
