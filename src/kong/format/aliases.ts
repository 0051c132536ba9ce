import { type Alias, type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, visit } from 'yaml';

/** How many values a file may stand for, aliases counted by what they name: a few lines can stand for billions. */
export const MOST_VALUES = 1_000_000;

export interface AliasProblem {
  readonly offset: number;
  readonly message: string;
}

/** What each alias of a document names, found in one go: the parser looks through the whole document for each. */
export function aliasTargets(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** What the parser lets pass and would fail on later: aliases of nothing or of what they are in, merges of what is no map. */
export function aliasProblems(
  document: Document.Parsed,
  targets: ReadonlyMap<Alias, Node>,
): readonly AliasProblem[] {
  const problems: AliasProblem[] = [];
  const tell = ({ range }: Pick<Node, 'range'>, message: string): void => {
    problems.push({ offset: range?.[0] ?? 0, message });
  };
  const named = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node);
  visit(document, {
    Alias(_key, alias, path) {
      const target = targets.get(alias);
      if (target === undefined) tell(alias, `there is no anchor &${alias.source} above`);
      else if (path.includes(target)) tell(alias, `*${alias.source} stands inside of what it names`);
    },
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isMergeKey(key.value)) return;
      const sources: readonly unknown[] = isSeq(value) ? value.items : [value];
      // An alias of nothing is told by itself.
      const isMergeable = sources.map(named).every((source) => source === undefined || isMap(source));
      if (!isMergeable && isNode(key)) tell(key, '<< takes a map, or aliases of maps');
    },
  });
  return problems;
}

const isMergeKey = (value: unknown): boolean =>
  value === '<<' || (typeof value === 'symbol' && value.description === '<<');

/** Whether a value is too large, its shared parts counted each time, or holds itself. */
export function isBoundless(value: unknown): boolean {
  const above = new Set<object>();
  let left = MOST_VALUES;
  const visitValue = (node: unknown): boolean => {
    left -= 1;
    if (left < 0) return true;
    if (typeof node !== 'object' || node === null) return false;
    if (above.has(node)) return true;
    above.add(node);
    const found = Object.values(node).some(visitValue);
    above.delete(node);
    return found;
  };
  return visitValue(value);
}
