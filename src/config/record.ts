import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';

/**
 * The text of apictl.yaml in which a key of a section has this number. Only the characters that say so are changed or added, so
 * that comments and everything else stay as they are. Pure.
 */
export function recorded(text: string, [section, key]: readonly [string, string], value: number): string {
  const document = parseDocument(text);
  const root = document.contents;
  const entry = isMap(root) ? pairOf(root, section) : undefined;
  const insert = (at: number, words: string, end = at): string =>
    `${text.slice(0, at)}${words}${text.slice(end)}`;
  if (entry === undefined) {
    const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    if (root === null || (isMap(root) && root.flow !== true)) {
      return `${before}${section}:\n  ${key}: ${value}\n`;
    }
  } else if (isMap(entry.value)) {
    const known = pairOf(entry.value, key)?.value;
    if (isScalar(known) && known.range != null) return insert(known.range[0], `${value}`, known.range[1]);
    const first = startOf(entry.value.items[0]);
    if (first !== undefined) {
      const column = first - (text.lastIndexOf('\n', first - 1) + 1);
      const separator = entry.value.flow === true ? ', ' : `\n${' '.repeat(column)}`;
      return insert(first, `${key}: ${value}${separator}`);
    }
  } else if (isScalar(entry.key) && entry.key.range != null && isEmpty(entry.value)) {
    const colon = text.indexOf(':', entry.key.range[1]);
    return insert(colon + 1, `\n  ${key}: ${value}`);
  }
  document.setIn([section, key], value);
  // Long lines are the user's own.
  return document.toString({ lineWidth: 0 });
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);

const startOf = (pair: Pair | undefined): number | undefined =>
  isScalar(pair?.key) ? pair.key.range?.[0] : undefined;

const isEmpty = (value: unknown): boolean => value === null || (isScalar(value) && value.value === null);
