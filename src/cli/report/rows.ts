import { stripVTControlCharacters } from 'node:util';

/** How many rows lines take in a terminal of so many columns, which breaks those that are too long. */
export const rowsAfterResize = (lines: readonly string[], columns: number): number =>
  lines.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / Math.max(1, columns))),
    0,
  );

/**
 * A text for a terminal that is drawn over and over: its first line, and of the others the last that there is room for, with how
 * many were left out. One row stays free for the cursor.
 */
export function fitting(text: string, terminal: { readonly columns: number; readonly rows: number }): string {
  const lines = text.split('\n');
  const isTooHigh = (some: readonly string[]) => rowsAfterResize(some, terminal.columns) > terminal.rows - 1;
  const [first = '', ...others] = lines;
  const picture = (last: readonly string[]) =>
    last.length === others.length ? lines : [first, `(${others.length - last.length} lines more)`, ...last];
  let last = others;
  while (last.length > 1 && isTooHigh(picture(last))) last = last.slice(1);
  return picture(last).join('\n');
}
