import { join } from 'node:path';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Files } from '../core/ports/files.ts';
import { Secret } from '../core/secret.ts';
import type { SecretSpec, SecretState } from './model.ts';

export const secretsFolder = (root: string): string => join(root, 'secrets', 'values');

/** What lies on disk for every secret of the table. */
export function readSecretStates(
  files: Files,
  root: string,
  specs: readonly SecretSpec[],
): Promise<SecretState[]> {
  return Promise.all(
    specs.map(async ({ name, opens }) => {
      const path = join(secretsFolder(root), name);
      const facts = await files.stat(path);
      const base = { name, opens, path, modifiedMs: facts?.modifiedMs ?? null };
      if (facts === null) return { ...base, state: 'missing' as const };
      if (facts.kind !== 'file') return { ...base, state: 'not-a-file' as const };
      const content = (await files.read(path))?.toString('utf8') ?? '';
      if (content.trim() === '') return { ...base, state: 'empty' as const };
      // Some of the images take the newline as part of the value and some do not.
      return { ...base, state: /[\r\n]$/.test(content) ? ('newline' as const) : ('present' as const) };
    }),
  );
}

/** One value. @throws ApictlError SECRET_MISSING or SECRET_EMPTY (7). */
export async function readSecret(files: Files, root: string, name: string): Promise<Secret> {
  const path = join(secretsFolder(root), name);
  const content = await files.read(path);
  const value = content?.toString('utf8').replace(/[\r\n]+$/, '');
  if (value === undefined || value === '') {
    throw new ApictlError({
      code: value === undefined ? 'SECRET_MISSING' : 'SECRET_EMPTY',
      exitCode: EXIT.secrets,
      message: `secret ${name} is ${value === undefined ? 'missing' : 'empty'}: ${path}`,
      object: `secret ${name}`,
      hint: 'Run "apictl up" to generate what was never there, or put the file back.',
    });
  }
  return new Secret(value);
}

/** The secret of that name. @throws ApictlError SECRET_UNKNOWN (64) */
export function specOf(specs: readonly SecretSpec[], name: string): SecretSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  throw new ApictlError({
    code: 'SECRET_UNKNOWN',
    exitCode: EXIT.usage,
    message: `there is no secret "${name}"`,
    object: `secret ${name}`,
    hint: 'See "apictl secrets ls".',
  });
}
