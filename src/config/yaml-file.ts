import {
  isCollection,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { tooDeep } from '../core/yaml-depth.ts';
import { placeLine, yamlPlaces } from '../core/yaml-places.ts';
import { yamlTree } from '../core/yaml-tree.ts';

/** Some twenty times the page that explains every key; the parser needs a time that grows with its square. */
const MOST_CHARACTERS = 262_144;

type Collection = YAMLMap | YAMLSeq;

/** What a YAML file says, or every place where it is none, as `line 3, column 5: ...`. */
export type YamlFile =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the text of `apictl.yaml`; an empty one says nothing. A module of its own, because most runs have no such file. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  if (text.length > MOST_CHARACTERS) {
    const problem = `the file has ${text.length} characters; a configuration has at most ${MOST_CHARACTERS}`;
    return { ok: false, problems: [problem] };
  }
  const deep = tooDeep(text);
  if (deep !== null) return { ok: false, problems: [placeLine(deep)] };
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) return { ok: false, problems: yamlPlaces(document.errors, lines) };
  const tree = yamlTree(document);
  return tree.ok
    ? { ok: true, value: tree.value ?? undefined }
    : { ok: false, problems: yamlPlaces([tree], lines) };
}

/** A problem as `parseConfig` tells it: the path of a value, and what is wrong with it. */
const PROBLEM_OF_VALUE = /^([A-Za-z][\w-]*(?:\.[\w-]+)*): /;

/**
 * Puts before each problem of a value that stands in the file the line where it stands, as `line 3: ports.proxy: ...`, in the order of the lines. What is wrong
 * with a value from elsewhere, or with one that is missing, stays as it is, after the rest.
 */
export function withLines(text: string, problems: readonly string[]): string[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, keepSourceTokens: false, uniqueKeys: false });
  const indexes = new WeakMap<object, ReadonlyMap<string, Pair>>();
  /** A file may have any number of keys, and a problem with each. */
  const pairsOf = (node: Collection): ReadonlyMap<string, Pair> => {
    const index = indexes.get(node) ?? pairsByKey(node);
    indexes.set(node, index);
    return index;
  };
  const lineOf = (path: readonly string[]): number | undefined => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const key of path) {
      if (!isCollection(node)) return undefined;
      const pair = pairsOf(node).get(key);
      const below: unknown = pair === undefined ? node.items[Number(key)] : pair.value;
      const start = pair === undefined ? below : pair.key;
      if (!isNode(start)) return undefined;
      offset = start.range?.[0];
      node = below;
    }
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
  return problems
    .map((problem) => {
      const path = PROBLEM_OF_VALUE.exec(problem)?.[1];
      const line = path === undefined || isFromElsewhere(problem) ? undefined : lineOf(path.split('.'));
      return { problem, line };
    })
    .sort((a, b) => (a.line ?? Number.POSITIVE_INFINITY) - (b.line ?? Number.POSITIVE_INFINITY) || 0)
    .map(({ problem, line }) => (line === undefined ? problem : `line ${line}: ${problem}`));
}

const pairsByKey = ({ items }: Collection): ReadonlyMap<string, Pair> =>
  new Map(
    items.flatMap((item) =>
      isPair(item) && isScalar(item.key) ? [[String(item.key.value), item] as const] : [],
    ),
  );

/** `(from APICTL_PORTS_PROXY in .env)`, `(from --project)` */
const isFromElsewhere = (problem: string): boolean => / \(from [^)]+\)$/.test(problem);
