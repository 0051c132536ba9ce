import type { z } from 'zod';
import { issueWords } from '../core/issue-words.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { ENVIRONMENT_VARIABLES, valueFromText } from './environment.ts';
import { RULES } from './rules.ts';
import { type Config, configSchema } from './schema.ts';

/** Where values come from, the strongest last. Each is a tree of the schema's shape, unchecked. */
export interface ConfigSources {
  /** The parsed `apictl.yaml`, undefined where there is none. */
  readonly file: unknown;
  /** Variables of the `.env` file. */
  readonly dotenv: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values given as flags, as `{ project: 'shop' }`. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** What a program asks for: a tree that is laid over all the rest. */
  readonly given?: unknown;
}

export type Parsed =
  | { readonly ok: true; readonly config: Config }
  /** Every problem, as `ports.proxy: must be ... (from APICTL_PORTS_PROXY)`. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merges sources, shape, defaults and rules; all problems come back together. */
export function parseConfig(sources: ConfigSources): Parsed {
  if (sources.file !== undefined && sources.file !== null && !isTree(sources.file)) {
    return { ok: false, problems: ['apictl.yaml: must be a map of keys, as "ports:"'] };
  }
  const problems: string[] = [];
  const origins = new Map<string, string>();
  let merged = structuredClone((sources.file ?? {}) as Tree);
  for (const [variables, where] of [
    [sources.dotenv, '.env'],
    [sources.environment, 'the environment'],
  ] as const) {
    problems.push(...unknownVariables(variables, where));
    for (const variable of ENVIRONMENT_VARIABLES) {
      const text = variables[variable.name];
      if (text === undefined || text === '') continue;
      merged = withValue(merged, variable.path, valueFromText(variable.kind, text));
      origins.set(variable.path.join('.'), `${variable.name} in ${where}`);
    }
  }
  for (const [key, value] of Object.entries(sources.flags)) {
    if (value === undefined) continue;
    merged = withValue(merged, [key], value);
    origins.set(key, `--${key}`);
  }
  merged = laidOver(merged, sources.given ?? {}) as Tree;
  // One tree is read once: to compile the schema first takes longer than to read it without.
  const shaped = configSchema.safeParse(merged, { jitless: true });
  if (!shaped.success) {
    problems.push(...shaped.error.issues.flatMap((issue) => issueLines(issue, merged, origins)));
    return { ok: false, problems };
  }
  problems.push(...RULES.flatMap((rule) => rule(shaped.data)));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: shaped.data };
}

function unknownVariables(variables: Readonly<Record<string, string | undefined>>, where: string): string[] {
  const known = ENVIRONMENT_VARIABLES.map((variable) => variable.name);
  return Object.keys(variables)
    .filter((name) => name.startsWith('APICTL_') && !known.includes(name))
    .map((name) => `${name} in ${where}: no such setting${suggestion(name, known)}`);
}

function suggestion(word: string, words: readonly string[]): string {
  const nearest = nearestWord(word, words);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Maps are merged key by key; anything else that is given replaces what is there. */
function laidOver(tree: unknown, given: unknown): unknown {
  if (!isTree(tree) || !isTree(given)) return given;
  const changed = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, laidOver(tree[key], value)]],
  );
  return { ...tree, ...Object.fromEntries(changed) };
}

/** A copy of the tree with one value set; a scalar on the way is left for the schema to refuse. */
function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  if (rest.length === 0) return { ...tree, [key]: value };
  const below = tree[key] ?? {};
  return isTree(below) ? { ...tree, [key]: withValue(below, rest, value) } : tree;
}

function issueLines(issue: z.core.$ZodIssue, given: Tree, origins: ReadonlyMap<string, string>): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => `${[...path, key].join('.')}: no such key${suggestion(key, known)}`);
  }
  const origin = origins.get(path.join('.'));
  const found = shown(path.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), given));
  return [
    `${path.join('.')}: ${issueWords(issue)}${found === undefined ? '' : `, found ${found}`}${origin === undefined ? '' : ` (from ${origin})`}`,
  ];
}

const shown = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? JSON.stringify(value).slice(0, 80)
    : undefined;

/** The keys the schema knows at a path, for the suggestion of a near one. */
function keysAt(path: readonly string[]): string[] {
  const depth = path.length;
  const keys = ENVIRONMENT_VARIABLES.filter((variable) =>
    path.every((key, i) => variable.path[i] === key),
  ).map((variable) => variable.path[depth]);
  return [...new Set(keys.filter((key) => key !== undefined))];
}
