import { createHash } from 'node:crypto';
import type { ContextFile } from '../../core/ports/build-contexts.ts';
import { REPOSITORY } from './model.ts';

/** Raised when the builder itself changes in a way that images made before must not outlive. */
const BUILDER_GENERATION = '1';

const DIGITS = 12;

export interface DigestInput {
  readonly name: string;
  /** Reference of the base; empty where there is none. */
  readonly base: string;
  readonly dockerfile: string;
  readonly files: readonly ContextFile[];
  readonly buildArgs: Readonly<Record<string, string>>;
}

/**
 * `apictl/<name>:<12 hex>`: the same input gives the same reference on every machine, and any change of a path, a mode,
 * a byte, an argument or the base gives another.
 */
export function referenceOf(input: DigestInput): string {
  const hash = createHash('sha256');
  // Every part carries its length, so that no two inputs can run together to the same bytes.
  const add = (part: string | Uint8Array) => {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    hash.update(`${bytes.length}:`).update(bytes);
  };
  add(BUILDER_GENERATION);
  add(input.base);
  add(input.dockerfile);
  for (const [name, value] of Object.entries(input.buildArgs).sort(byFirst)) {
    add(`arg ${name}`);
    add(value);
  }
  for (const { path, mode, content } of [...input.files].sort(byPath)) {
    add(`file ${mode.toString(8)} ${path}`);
    if ('bytes' in content) add(content.bytes);
    else add(`link ${content.linkTo}`);
  }
  return `${REPOSITORY}/${input.name}:${hash.digest('hex').slice(0, DIGITS)}`;
}

export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

const byFirst = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);
