import { stripVTControlCharacters } from 'node:util';

/** How many rows lines take in a terminal of so many columns, which breaks those that are too long. */
export const rowsAfterResize = (lines: readonly string[], columns: number): number =>
  lines.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / Math.max(1, columns))),
    0,
  );
