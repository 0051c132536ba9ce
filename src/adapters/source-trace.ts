import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `file:///.../dist/chunks/up.js:3:4512` or the same as a path, as V8 writes places. */
const PLACE = /(?:file:\/\/)?(\/[^\s()]+\.c?js):(\d+):(\d+)/g;

/**
 * A stack trace whose places are those of the source. Node.js can do this itself, but then reads every map at every start;
 * here they are read when something has gone wrong.
 */
export const sourceTrace = (trace: string): string =>
  trace.replace(PLACE, (place, path: string, line: string, column: string) => {
    const file = decodeURIComponent(path);
    const origin = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (origin === undefined || !('originalSource' in origin)) return place;
    const source = origin.originalSource.startsWith('file:')
      ? fileURLToPath(origin.originalSource)
      : join(dirname(file), origin.originalSource);
    return `${relative(process.cwd(), source)}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
  });

/** The map beside a bundled file; undefined where there is none or it is damaged: the trace is shown as it is then. */
function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
