import { stripVTControlCharacters } from 'node:util';
import type { ChalkInstance } from 'chalk';

/** Rows in columns, two spaces between them, the header dimmed. Colours do not count as width. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  paint: ChalkInstance,
): string {
  const width = (cell: string): number => stripVTControlCharacters(cell).length;
  const widths = header.map((name, i) => Math.max(width(name), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [paint.dim(line(header)), ...rows.map(line)].join('\n');
}
