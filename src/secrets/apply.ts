import { join } from 'node:path';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Files } from '../core/ports/files.ts';
import type { Random } from '../core/ports/random.ts';
import { Secret } from '../core/secret.ts';
import { FILE_MODE, FOLDER_MODE } from './model.ts';
import type { SecretPlan } from './plan.ts';
import { secretsFolder } from './read.ts';

/** Generates what the plan names and gives files and folder their modes. Answers the names. */
export async function applySecretPlan(
  plan: SecretPlan,
  ports: { readonly files: Files; readonly random: Random },
  root: string,
): Promise<string[]> {
  const folder = secretsFolder(root);
  await prepareFolder(ports.files, root);
  await removeTemporary(ports.files, folder);
  for (const { path, mode } of plan.chmod) await ports.files.setMode(path, mode);
  for (const { name, bytes } of plan.generate) {
    await ports.files.write(join(folder, name), generate(ports.random, bytes).reveal(), FILE_MODE);
  }
  return plan.generate.map(({ name }) => name);
}

/** Letters, digits, - and _, which no program and no format takes for anything else. */
export const generate = (random: Random, bytes: number): Secret =>
  new Secret(Buffer.from(random.bytes(bytes)).toString('base64url'));

/**
 * Writes a value that somebody gives, without the newline that a terminal or a program put behind it.
 * @throws ApictlError SECRET_INVALID (7) for a value that is empty or has several lines: no service takes one
 */
export async function writeSecret(files: Files, root: string, name: string, given: string): Promise<void> {
  const value = given.replace(/\r?\n$/, '');
  if (value.trim() === '' || /[\r\n\0]/.test(value)) {
    throw new ApictlError({
      code: 'SECRET_INVALID',
      exitCode: EXIT.secrets,
      message: `the value of ${name} ${value.trim() === '' ? 'is empty' : 'has several lines'}; nothing was written`,
      object: `secret ${name}`,
      hint: 'Give it as one line.',
    });
  }
  await prepareFolder(files, root);
  await files.write(join(secretsFolder(root), name), value, FILE_MODE);
}

/** The folder of the values, closed to other users before there is a file in it, and kept out of git. */
export async function prepareFolder(files: Files, root: string): Promise<void> {
  await files.makeFolder(secretsFolder(root), FOLDER_MODE);
  await keepOutOfGit(files, root);
}

/** What a write left behind that was killed before its rename. */
const TEMPORARY = /^\..+\.[0-9a-f]{12}$/;

async function removeTemporary(files: Files, folder: string): Promise<void> {
  const left = (await files.list(folder)).filter((name) => TEMPORARY.test(name));
  for (const name of left) await files.remove(join(folder, name));
}

async function keepOutOfGit(files: Files, root: string): Promise<void> {
  const path = join(root, 'secrets', '.gitignore');
  if ((await files.read(path)) === null) await files.write(path, 'values/\ncerts/\n');
}
