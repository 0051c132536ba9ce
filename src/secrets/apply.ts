import { join } from 'node:path';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Files } from '../core/ports/files.ts';
import type { Random } from '../core/ports/random.ts';
import type { SecretPlan } from './plan.ts';
import { secretsFolder } from './read.ts';

/**
 * Readable by every user because each image reads as another one; the folder above keeps the machine's other
 * users out, and a mounted file carries no folder with it.
 */
const FILE_MODE = 0o444;
const FOLDER_MODE = 0o700;

/** Generates what the plan names. Answers the names. */
export async function applySecretPlan(
  plan: SecretPlan,
  ports: { readonly files: Files; readonly random: Random },
  root: string,
): Promise<string[]> {
  const folder = secretsFolder(root);
  await ports.files.makeFolder(folder, FOLDER_MODE);
  await keepOutOfGit(ports.files, root);
  for (const { name, bytes } of plan.generate) {
    const value = Buffer.from(ports.random.bytes(bytes)).toString('base64url');
    await ports.files.write(join(folder, name), value, FILE_MODE);
  }
  return plan.generate.map(({ name }) => name);
}

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
  await files.makeFolder(secretsFolder(root), FOLDER_MODE);
  await keepOutOfGit(files, root);
  await files.write(join(secretsFolder(root), name), value, FILE_MODE);
}

async function keepOutOfGit(files: Files, root: string): Promise<void> {
  const path = join(root, 'secrets', '.gitignore');
  if ((await files.read(path)) === null) await files.write(path, 'values/\ncerts/\n');
}
