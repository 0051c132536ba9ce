import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import { type AliasProblem, aliasProblems, aliasTargets } from './aliases.ts';

export type Path = readonly (string | number)[];

/** A place in a file that a person can go to. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A text as YAML, with the line of everything in it. */
export interface Located {
  /** Undefined where there is none, or more than one. */
  readonly document: Document.Parsed | undefined;
  readonly problems: readonly { readonly place: Place; readonly message: string }[];
  /** What aliases and merges do wrong; asked for where nothing else is wrong. */
  readonly aliasProblems: () => readonly AliasProblem[];
  readonly at: (offset: number) => Place;
  /** Of the value at a path, or of the nearest thing above it. */
  readonly placeOf: (path: Path) => Place;
}

/** Parses a text of one YAML document. `file` is as it is shown to people. */
export function locate(file: string, text: string): Located {
  const lines = new LineCounter();
  // What it would warn of is a problem here.
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, logLevel: 'error' });
  const at = (offset: number): Place => ({ file, line: lines.linePos(offset).line });
  const [document, second] = Array.isArray(documents) ? documents : [];
  const problems = (Array.isArray(documents) ? documents : [])
    .flatMap(({ errors, warnings }) => [...errors, ...warnings])
    .map((error) => ({
      place: at(error.pos[0]),
      message: doubleKey(error, document, at) ?? withoutPlace(error.message),
    }));
  if (second !== undefined) {
    problems.push({
      place: at(second.range[0]),
      message: 'there is a second document after ---; use several files',
    });
  }
  const targets = once(() => (document === undefined ? new Map<Alias, Node>() : aliasTargets(document)));
  return {
    document,
    problems,
    aliasProblems: () => (document === undefined ? [] : aliasProblems(document, targets())),
    at,
    placeOf: (path) => at(document === undefined ? 0 : offsetOf(document, path, targets)),
  };
}

/** What the parser repeats of the file may be long, and a secret. */
const withoutPlace = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '').replace(/: ".*$/, '');

/** The parser does not say which key it is. */
function doubleKey(
  { code, pos }: YAMLError,
  document: Document.Parsed | undefined,
  at: (offset: number) => Place,
): string | undefined {
  if (code !== 'DUPLICATE_KEY' || document === undefined) return undefined;
  let found: string | undefined;
  visit(document, {
    Map(_key, { items }) {
      const keys = items.flatMap(({ key }) => (isScalar(key) ? [key] : []));
      const key = keys.find(({ range }) => range?.[0] === pos[0]);
      if (key === undefined) return undefined;
      const first = keys.find(({ value }) => value === key.value);
      found = `the key ${String(key.value)} is there twice, first in line ${at(first?.range?.[0] ?? 0).line}`;
      return visit.BREAK;
    },
  });
  return found;
}

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The offset of the value at a path, or of the nearest thing above it that has one. */
function offsetOf(document: Document.Parsed, path: Path, targets: () => ReadonlyMap<Alias, Node>): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    if (isAlias(node)) node = targets().get(node);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part);
      if (isPair(pair) && isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair?.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}
