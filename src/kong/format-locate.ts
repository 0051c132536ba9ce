import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
} from 'yaml';

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
  readonly at: (offset: number) => Place;
  /** Of the value at a path, or of the nearest thing above it. */
  readonly placeOf: (path: Path) => Place;
}

/** Parses a text of one YAML document. `file` is as it is shown to people. */
export function locate(file: string, text: string): Located {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true });
  const at = (offset: number): Place => ({ file, line: lines.linePos(offset).line });
  const [document, second] = Array.isArray(documents) ? documents : [];
  const problems = (Array.isArray(documents) ? documents : [])
    .flatMap(({ errors }) => errors)
    .map((error) => ({
      place: at(error.pos[0]),
      message: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.code,
    }));
  if (second !== undefined) {
    problems.push({
      place: at(second.range[0]),
      message: 'there is a second document after ---; use several files',
    });
  }
  return {
    document,
    problems,
    at,
    placeOf: (path) => at(document === undefined ? 0 : offsetOf(document, path)),
  };
}

/** The offset of the value at a path, or of the nearest thing above it that has one. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
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
