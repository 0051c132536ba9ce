import { type CST, Parser } from 'yaml';

/** What people write has a tenth of it; what has more would end the parser's own stack, or that of whoever walks the tree. */
const MOST_LEVELS = 100;

export interface TooDeep {
  /** Both from 1 on. */
  readonly line: number;
  readonly col: number;
  readonly message: string;
}

/** Where a text of YAML first goes deeper than that; null where it does not. Takes no more stack however deep it is. */
export function tooDeep(text: string): TooDeep | null {
  const offset = tooDeepAt(text);
  if (offset === null) return null;
  const before = text.slice(0, offset).split('\n');
  return {
    line: before.length,
    col: (before.at(-1)?.length ?? 0) + 1,
    message: `is nested more than ${MOST_LEVELS} levels deep`,
  };
}

function tooDeepAt(text: string): number | null {
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) waiting.push({ token, depth: 0 });
  waiting.reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > MOST_LEVELS && 'items' in token) return token.offset;
    const below = 'items' in token ? depth + 1 : depth;
    // The last is taken first, so the first of the text is put last.
    for (const inner of within(token).reverse()) waiting.push({ token: inner, depth: below });
  }
  return null;
}

/** The tokens right below one. */
function within(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((one) => one != null));
}
