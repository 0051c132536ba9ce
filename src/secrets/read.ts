import { join } from 'node:path';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Files } from '../core/ports/files.ts';
import { Secret } from '../core/secret.ts';
import type { SecretSpec, SecretState } from './model.ts';
import { weaknessOf } from './strength.ts';

export const secretsFolder = (root: string): string => join(root, 'secrets', 'values');

/**
 * What lies on disk for every secret of the table.
 * @throws ApictlError SECRETS_ELSEWHERE (7) where the folder itself is a symbolic link: nothing outside the project is read or written
 */
export async function readSecretStates(
  files: Files,
  root: string,
  specs: readonly SecretSpec[],
): Promise<SecretState[]> {
  const folder = await folderWithoutLinks(files, root);
  return Promise.all(specs.map((spec) => readState(files, folder, root, spec)));
}

/** The folder of the values; null where there is none. */
export async function readSecretsFolder(
  files: Files,
  root: string,
): Promise<{ readonly path: string; readonly mode: number; readonly owner: number } | null> {
  const path = secretsFolder(root);
  const facts = await files.stat(path);
  return facts === null ? null : { path, mode: facts.mode, owner: facts.owner };
}

/** Where the folder really is; null where there is none. */
async function folderWithoutLinks(files: Files, root: string): Promise<string | null> {
  const folder = secretsFolder(root);
  const [real, realRoot] = await Promise.all([files.realPath(folder), files.realPath(root)]);
  if (real === null || realRoot === null || real === secretsFolder(realRoot)) return real;
  throw new ApictlError({
    code: 'SECRETS_ELSEWHERE',
    exitCode: EXIT.secrets,
    message: `${folder} is a symbolic link to ${real}, outside of its place in the project`,
    object: folder,
    hint: 'Put a folder in its place; nothing outside the project is read or written.',
  });
}

async function readState(
  files: Files,
  folder: string | null,
  root: string,
  { name, opens, bytes }: SecretSpec,
): Promise<SecretState> {
  const path = join(secretsFolder(root), name);
  const facts = await files.stat(path);
  const base = {
    name,
    opens,
    path,
    weakness: null,
    modifiedMs: facts?.modifiedMs ?? null,
    mode: facts?.mode ?? null,
    owner: facts?.owner ?? null,
  };
  if (facts === null) return { ...base, state: 'missing' };
  if (folder !== null && (await files.realPath(path)) !== join(folder, name))
    return { ...base, state: 'link' };
  if (facts.kind !== 'file') return { ...base, state: 'not-a-file' };
  const content = (await files.read(path))?.toString('utf8') ?? '';
  if (content.trim() === '') return { ...base, state: 'empty' };
  // Some of the images take the newline as part of the value and some do not.
  if (/[\r\n]$/.test(content)) return { ...base, state: 'newline' };
  // What somebody outside has chosen is not ours to judge.
  const weakness = bytes === null ? null : weaknessOf(content);
  return { ...base, weakness, state: weakness === null ? 'present' : 'weak' };
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
