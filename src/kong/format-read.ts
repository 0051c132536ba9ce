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
import type { z } from 'zod';
import { nearestWord } from '../core/nearest-word.ts';
import {
  filled,
  markPlaceholders,
  marksIn,
  type PlaceholderSources,
  resolvePlaceholders,
} from './format-placeholders.ts';
import { type Declaration, declarationSchema } from './format-schema.ts';
import { Sealed } from './sealed.ts';

export type Path = readonly (string | number)[];

/** A place in a file that a person can go to. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface Problem {
  /** Absent where the problem is with the file as a whole. */
  readonly place?: Place;
  readonly message: string;
  /** A secret that is not there is another kind of failure than a wrong file. */
  readonly secretMissing?: boolean;
}

export interface SourceFile {
  /** As it is shown to people. */
  readonly path: string;
  readonly text: string;
}

export interface ReadFile {
  readonly path: string;
  readonly declaration: Declaration;
  readonly placeOf: (path: Path) => Place;
}

export type ReadResult =
  | { readonly ok: true; readonly file: ReadFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `kong/kong.yaml:12: services[0].hots: no such key; did you mean host?` */
export const problemLine = (problem: Problem): string =>
  problem.place === undefined
    ? problem.message
    : `${problem.place.file}:${problem.place.line}: ${problem.message}`;

/** Parses one file, fills its placeholders and checks its shape; every problem comes back, each with its line. */
export async function readDeclaration(source: SourceFile, sources: PlaceholderSources): Promise<ReadResult> {
  const lines = new LineCounter();
  const marked = markPlaceholders(source.text);
  const documents = parseAllDocuments(marked.text, { lineCounter: lines, merge: true });
  const at = (offset: number): Place => ({ file: source.path, line: lines.linePos(offset).line });
  if (!Array.isArray(documents) || documents.length === 0 || source.text.trim() === '') {
    return {
      ok: false,
      problems: [
        { message: `${source.path}: the file is empty; an empty file never means "delete everything"` },
      ],
    };
  }
  const problems: Problem[] = [];
  if (marked.foreignOffset !== undefined) {
    problems.push({
      place: at(marked.foreignOffset),
      message: 'the characters U+E000 and U+E001 cannot be used here',
    });
  }
  for (const error of documents.flatMap((document) => document.errors)) {
    const message = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.code;
    problems.push({ place: at(error.pos[0]), message });
  }
  const [document, second] = documents;
  if (second !== undefined) {
    problems.push({
      place: at(second.range[0]),
      message: 'there is a second document after ---; use several files',
    });
  }
  if (problems.length > 0 || document === undefined) return { ok: false, problems };

  const marks: number[] = [];
  const raw = withTexts(document.toJS({ maxAliasCount: 1000 }), (text) => {
    marks.push(...marksIn(text));
    return text;
  });
  const resolved = await resolvePlaceholders(marked.placeholders, marks, sources);
  problems.push(...resolved.problems.map(({ offset, ...problem }) => ({ place: at(offset), ...problem })));
  const tree = marks.length === 0 ? raw : withTexts(raw, (text) => filled(text, resolved.values));
  const placeOf = (path: Path): Place => at(offsetOf(document, path));
  const shaped = declarationSchema.safeParse(tree);
  if (!shaped.success) {
    problems.push(
      ...shaped.error.issues.flatMap((issue) =>
        issueProblems(issue, placeOf, (path) => keyPlace(document, path, at)),
      ),
    );
  }
  if (problems.length > 0 || !shaped.success) return { ok: false, problems };
  return { ok: true, file: { path: source.path, declaration: shaped.data, placeOf } };
}

/** A copy of a tree with its texts replaced. */
function withTexts(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace));
  if (typeof value === 'object' && value !== null && !(value instanceof Sealed)) {
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withTexts(below, replace)]));
  }
  return value;
}

function issueProblems(
  issue: z.core.$ZodIssue,
  placeOf: (path: Path) => Place,
  keyPlaceOf: (path: Path) => Place,
): Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => {
      const nearest = nearestWord(key, known);
      return {
        place: keyPlaceOf([...path, key]),
        message: `${shownPath([...path, key])}: no such key${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      };
    });
  }
  const where = shownPath(path);
  return [{ place: placeOf(path), message: where === '' ? issue.message : `${where}: ${issue.message}` }];
}

/** `services[0].routes[1].name` */
export const shownPath = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );

/** The keys that the schema knows at a path, for the suggestion of a near one. */
function keysAt(path: Path): string[] {
  let schema: z.core.$ZodType | undefined = declarationSchema;
  for (const part of path) {
    const inner: z.core.$ZodType | undefined = unwrapped(schema);
    schema = typeof part === 'number' ? elementOf(inner) : shapeOf(inner)[part];
  }
  return Object.keys(shapeOf(unwrapped(schema)));
}

type AnyDef = {
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly options?: readonly z.core.$ZodType[];
};

const defOf = (schema: z.core.$ZodType | undefined): AnyDef => (schema?._zod.def ?? {}) as AnyDef;

function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const { innerType, options } = defOf(schema);
  if (innerType !== undefined) return unwrapped(innerType);
  return options === undefined
    ? schema
    : options.map(unwrapped).find((option) => defOf(option).shape !== undefined);
}

const elementOf = (schema: z.core.$ZodType | undefined) => defOf(schema).element;
const shapeOf = (schema: z.core.$ZodType | undefined) => defOf(schema).shape ?? {};

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

const keyPlace = (document: Document.Parsed, path: Path, at: (offset: number) => Place): Place =>
  at(offsetOf(document, path));
