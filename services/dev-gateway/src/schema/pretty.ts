/** Kong prints keys and nested errors inside its messages as Lua tables; clients match on those texts. */

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/**
 * Renders a value as a Lua table: keys sorted, one entry a line, indented by two blanks a level. Holes of an array
 * (null) are left out, and what follows a hole gets its position (from 1) as key.
 */
export function prettyTable(value: unknown, isCompact = false, indent = ''): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  const inner = `${indent}  `;
  const lines: string[] = [];
  const entry = (key: string, item: unknown): void => {
    const text = prettyTable(item, isCompact, inner);
    const equals = isCompact ? '=' : ' = ';
    lines.push(key === '' ? text : `${key}${equals}${text}`);
  };
  if (Array.isArray(value)) {
    const hole = value.indexOf(null);
    value.forEach((item, position) => {
      if (item !== null) entry(hole !== -1 && position > hole ? `[${position + 1}]` : '', item);
    });
  } else {
    for (const [key, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      entry(IDENTIFIER.test(key) ? key : `[${quote(key)}]`, item);
    }
  }
  if (isCompact) return `{${lines.join(',')}}`;
  if (lines.length === 0) return '{\n}';
  return `{\n${lines.map((line) => `${inner}${line}`).join(',\n')}\n${indent}}`;
}

/** On one line: `{id="..."}`. */
export const compactTable = (value: unknown): string => prettyTable(value, true);
