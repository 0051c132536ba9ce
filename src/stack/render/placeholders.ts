import { ApictlError, EXIT } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { isMap, type Tree, type TreeMap } from './compose-tree.ts';

/**
 * Values enter the parsed tree, never its text, so no value can break out of its place.
 * A scalar that is one placeholder becomes the typed value (null removes it); inside a longer string it becomes text.
 * `x-when: <path>` on a map keeps the map only where the value is there and not false;
 * `x-merge: <path>` lays a map of values over it.
 */
export interface Resolution {
  readonly values: TreeMap;
  /** What must happen to text of a value so that its reader gives it back byte for byte. */
  readonly encode: (text: string) => string;
  /** The file that is being resolved, for messages. */
  readonly file: string;
}

/** Compose reads `$` as the start of a variable; doubled it is a dollar sign. */
export const escapeForCompose = (text: string): string => text.replaceAll('$', '$$$$');
export const unescaped = (text: string): string => text;

const WHEN = 'x-when';
const MERGE = 'x-merge';
const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.-]*)\s*\}\}/g;
const ONLY_PLACEHOLDER = /^\{\{\s*([A-Za-z][\w.-]*)\s*\}\}$/;

/** Resolves every placeholder of a map. @throws ApictlError FRAGMENT_INVALID naming file and path */
export function resolveMap(map: TreeMap, resolution: Resolution): TreeMap {
  const resolved = resolve(map, resolution, []);
  return resolved !== REMOVED && isMap(resolved) ? resolved : {};
}

const REMOVED: unique symbol = Symbol('removed');
type Path = readonly (string | number)[];

function resolve(tree: Tree, resolution: Resolution, path: Path): Tree | typeof REMOVED {
  if (typeof tree === 'string') return resolveText(tree, resolution, path);
  if (Array.isArray(tree)) {
    return (tree as readonly Tree[])
      .map((item, index) => resolve(item, resolution, [...path, index]))
      .filter((item): item is Tree => item !== REMOVED);
  }
  if (!isMap(tree)) return tree;
  if (!isWanted(tree, resolution, path)) return REMOVED;
  const entries: [string, Tree][] = [];
  for (const [key, value] of Object.entries(tree)) {
    if (key === WHEN || key === MERGE) continue;
    const resolved = resolve(value, resolution, [...path, key]);
    if (resolved !== REMOVED) entries.push([key, resolved]);
  }
  return { ...Object.fromEntries(entries), ...merged(tree, resolution, path) };
}

function merged(map: TreeMap, resolution: Resolution, path: Path): TreeMap {
  const name = map[MERGE];
  if (name === undefined) return {};
  const value = lookUp(String(name), resolution, [...path, MERGE]);
  if (!isMap(value)) throw invalid(resolution, [...path, MERGE], `${name} is not a map`);
  return encodedTree(value, resolution.encode) as TreeMap;
}

function isWanted(map: TreeMap, resolution: Resolution, path: Path): boolean {
  const condition = map[WHEN];
  if (condition === undefined) return true;
  if (typeof condition !== 'string')
    throw invalid(resolution, [...path, WHEN], 'must be the path of a value');
  const value = lookUp(condition, resolution, [...path, WHEN]);
  return value !== false && value !== null;
}

function resolveText(text: string, resolution: Resolution, path: Path): Tree | typeof REMOVED {
  const only = ONLY_PLACEHOLDER.exec(text)?.[1];
  if (only !== undefined) {
    const value = lookUp(only, resolution, path);
    return value === null ? REMOVED : encodedTree(value, resolution.encode);
  }
  return text.replace(PLACEHOLDER, (_whole, name: string) => {
    const value = lookUp(name, resolution, path);
    if (value === null || typeof value === 'object') {
      throw invalid(resolution, path, `{{ ${name} }} is not a single value and must stand alone`);
    }
    return resolution.encode(String(value));
  });
}

/** Keys are left alone: Compose interpolates values only. */
function encodedTree(tree: Tree, encode: Resolution['encode']): Tree {
  if (typeof tree === 'string') return encode(tree);
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map((item) => encodedTree(item, encode));
  if (!isMap(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, encodedTree(value, encode)]));
}

function lookUp(name: string, resolution: Resolution, path: Path): Tree {
  let at: Tree = resolution.values;
  for (const key of name.split('.')) {
    const next: Tree | undefined = isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    if (next === undefined) {
      const meant = isMap(at) ? nearestWord(key, Object.keys(at)) : undefined;
      throw invalid(
        resolution,
        path,
        `there is no value {{ ${name} }}${meant === undefined ? '' : `, did you mean ${meant}?`}`,
      );
    }
    at = next;
  }
  return at;
}

function invalid({ file }: Resolution, path: Path, problem: string): ApictlError {
  const place = path.join('.');
  return new ApictlError({
    code: 'FRAGMENT_INVALID',
    exitCode: EXIT.usage,
    message: `${file}: ${place}: ${problem}`,
    object: `${file}: ${place}`,
    hint: 'Correct the file, or restore it from the package.',
  });
}
