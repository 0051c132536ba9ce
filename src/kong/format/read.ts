import type { z } from 'zod';
import { issueWords } from '../../core/issue-words.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { tooDeep } from '../../core/yaml-depth.ts';
import { Sealed } from '../model/sealed.ts';
import { isBoundless, MOST_VALUES } from './aliases.ts';
import { type Located, locate, type Path, type Place } from './locate.ts';
import {
  filled,
  type MarkedText,
  markPlaceholders,
  marksIn,
  type PlaceholderSources,
  resolvePlaceholders,
} from './placeholders.ts';
import { type Declaration, declarationSchema } from './schema.ts';
import { type PlainYaml, plainYaml } from './yaml.ts';

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
  const marked = markPlaceholders(source.text);
  const plain = marked.foreignOffset === undefined ? plainYaml(marked.text) : undefined;
  if (plain !== undefined && !isBoundless(plain.value)) {
    const { declaration } = await shapedFrom(plain.value, marked, sources);
    if (declaration !== undefined) {
      const placeOf = placesOnDemand(source.path, marked.text, plain.lineOf);
      return { ok: true, file: { path: source.path, declaration, placeOf } };
    }
  }
  return readWithPlaces(source, marked, sources, plain?.value);
}

/**
 * Where everything is takes six times as long to find out as what it is: that is asked for only where something is to be told of what
 * the quick parser does not know the line of.
 */
function placesOnDemand(file: string, text: string, lineOf: PlainYaml['lineOf']): ReadFile['placeOf'] {
  let located: Located | undefined;
  return (path) => ({
    file,
    get line() {
      const line = lineOf(path);
      if (line !== undefined) return line;
      located ??= locate(file, text);
      return located.placeOf(path).line;
    },
  });
}

async function readWithPlaces(
  source: SourceFile,
  marked: MarkedText,
  sources: PlaceholderSources,
  value: unknown,
): Promise<ReadResult> {
  // The quick parser takes nothing that is so deep.
  const deep = value === undefined ? tooDeep(marked.text) : null;
  if (deep !== null) {
    const place = { file: source.path, line: deep.line };
    return { ok: false, problems: [{ place, message: deep.message }] };
  }
  const { document, problems: mistakes, aliasProblems, at, placeOf } = locate(source.path, marked.text);
  if (document === undefined || source.text.trim() === '') {
    return {
      ok: false,
      problems: [
        { message: `${source.path}: the file is empty; an empty file never means "delete everything"` },
      ],
    };
  }
  const problems: Problem[] = [...mistakes];
  if (marked.foreignOffset !== undefined) {
    problems.unshift({
      place: at(marked.foreignOffset),
      message: 'the characters U+E000 and U+E001 cannot be used here',
    });
  }
  if (problems.length === 0) {
    problems.push(...aliasProblems().map(({ offset, message }) => ({ place: at(offset), message })));
  }
  if (problems.length > 0) return { ok: false, problems };

  const tree = value ?? document.toJS({ maxAliasCount: -1 });
  if (isBoundless(tree)) {
    const message = `${source.path}: its aliases stand for more than ${MOST_VALUES} values`;
    return { ok: false, problems: [{ message }] };
  }
  const shaped = await shapedFrom(tree, marked, sources);
  problems.push(...shaped.missing.map(({ offset, ...problem }) => ({ place: at(offset), ...problem })));
  problems.push(...shaped.issues.flatMap((issue) => issueProblems(issue, placeOf)));
  if (problems.length > 0 || shaped.declaration === undefined) return { ok: false, problems };
  return { ok: true, file: { path: source.path, declaration: shaped.declaration, placeOf } };
}

/** Fills the placeholders of a tree and checks its shape. */
async function shapedFrom(value: unknown, { placeholders }: MarkedText, sources: PlaceholderSources) {
  const marks: number[] = [];
  if (placeholders.length > 0) {
    withTexts(value, (text) => {
      marks.push(...marksIn(text));
      return text;
    });
  }
  const { values, problems: missing } = await resolvePlaceholders(placeholders, marks, sources);
  const tree = marks.length === 0 ? value : withTexts(value, (text) => filled(text, values));
  const shaped = declarationSchema.safeParse(tree);
  const isFine = shaped.success && missing.length === 0;
  return { missing, issues: shaped.error?.issues ?? [], declaration: isFine ? shaped.data : undefined };
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

function issueProblems(issue: z.core.$ZodIssue, placeOf: (path: Path) => Place): Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => {
      const nearest = nearestWord(key, known);
      return {
        place: placeOf([...path, key]),
        message: `${shownPath([...path, key])}: no such key${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      };
    });
  }
  const where = shownPath(path);
  const message = issueWords(issue);
  return [{ place: placeOf(path), message: where === '' ? message : `${where}: ${message}` }];
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
