import { join } from 'node:path';
import * as z from 'zod';
import type { Files } from '../core/ports/files.ts';
import { parseState, stateText } from '../core/state-file.ts';
import type { SecretFinding } from './findings.ts';
import { secretsFolder } from './read.ts';

/**
 * What a rotation that was broken off has begun: which secrets, and nothing of their values. A new value lies beside the old one as
 * `<name>.next` until it takes its place. So a secret of the journal without such a file has its new value already, and only its
 * readers may not have it yet; such a file alone, without a journal, is a rotation all the same.
 */
const FORMAT = 1;
const journalSchema = z.object({ secrets: z.array(z.string()) });

const NEXT = '.next';

export const nextFile = (root: string, name: string): string => join(secretsFolder(root), `${name}${NEXT}`);
const journalFile = (root: string): string => join(root, '.apictl', 'journal', 'rotation.json');

export interface Unfinished {
  /** Their new value is not in its place. */
  readonly begun: readonly string[];
  /** Their new value is in its place. */
  readonly swapped: readonly string[];
}

export const NOTHING_UNFINISHED: Unfinished = { begun: [], swapped: [] };

/**
 * @param names every secret of the project; what else lies there is none of ours
 * @throws ApictlError STATE_NEWER (64): what a newer apictl has begun is not finished by guessing
 */
export async function readUnfinished(
  files: Files,
  root: string,
  names: readonly string[],
): Promise<Unfinished> {
  const lying = new Set(await files.list(secretsFolder(root)));
  const begun = names.filter((name) => lying.has(`${name}${NEXT}`));
  const noted = await readJournal(files, root);
  return { begun, swapped: names.filter((name) => noted.includes(name) && !begun.includes(name)) };
}

export const isUnfinished = ({ begun, swapped }: Unfinished): boolean => begun.length + swapped.length > 0;

/** A rotation that is under way looks the same from outside. */
export const unfinishedFindings = ({ begun, swapped }: Unfinished): SecretFinding[] =>
  [...begun, ...swapped].map((name) => ({
    object: `secret ${name}`,
    found: 'has a rotation that was broken off, or is under way just now',
    fix: `Say "apictl up" or "apictl secrets rotate ${name}": either finishes it.`,
  }));

/** Damaged or removed, it says nothing: what lies beside the secrets says most of it too. */
async function readJournal(files: Files, root: string): Promise<readonly string[]> {
  const path = journalFile(root);
  const text = (await files.read(path))?.toString('utf8');
  const parsed = journalSchema.safeParse(parseState(text ?? '', path, FORMAT));
  return parsed.success ? parsed.data.secrets : [];
}

/** None: the rotation is over. */
export async function writeJournal(files: Files, root: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) await files.remove(journalFile(root));
  else await files.write(journalFile(root), stateText(FORMAT, { secrets }));
}
