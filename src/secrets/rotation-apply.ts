import { join } from 'node:path';
import { ApictlError, EXIT, messageOf } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { interruption } from '../core/interruption.ts';
import type { Files } from '../core/ports/files.ts';
import type { Random } from '../core/ports/random.ts';
import { Secret } from '../core/secret.ts';
import { generate } from './apply.ts';
import type { Door, Holding } from './door.ts';
import { FILE_MODE } from './model.ts';
import { secretsFolder } from './read.ts';
import { nextFile, type Unfinished, writeJournal } from './rotation-journal.ts';

export interface RotationPorts {
  readonly files: Files;
  readonly random: Random;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** What the secret opens, where that runs. */
  readonly doorOf: (name: string) => Door | undefined;
  /** Makes the readers of these secrets anew, in dependency order, and waits until they are well. Answers which. */
  readonly renewReaders: (names: readonly string[]) => Promise<readonly string[]>;
  /** Begun by an earlier run and not to be finished by this one. */
  readonly waiting: readonly string[];
}

export interface Rotated {
  readonly rotated: readonly string[];
  /** Services that were made anew. */
  readonly restarted: readonly string[];
}

/** A secret whose new value is in its place; `before` is unknown where an earlier run put it there. */
interface Swapped {
  readonly name: string;
  readonly before: Secret | null;
}

/**
 * Gives every secret its new value: set where it is held, tried by a login, put into the file's place by a rename; then its readers are
 * made anew, all in one go. What fails before the rename is undone; what is broken off anywhere is taken up by the next run from
 * what lies on disk.
 * @throws ApictlError ROTATION_FAILED (7; 3 where some are rotated), ROTATION_UNFINISHED (3) that the next run finishes
 */
export async function applyRotation(
  secrets: readonly { readonly name: string; readonly bytes: number }[],
  unfinished: Unfinished,
  ports: RotationPorts,
  root: string,
): Promise<Rotated> {
  const tell = (): void => ports.emit({ type: 'warning', text: ENDS_ITS_STEP });
  ports.signal.addEventListener('abort', tell, { once: true });
  try {
    return await rotateAll(secrets, unfinished, ports, root);
  } finally {
    ports.signal.removeEventListener('abort', tell);
  }
}

/** A login that is changed half-way is worth seconds of waiting; who waits shall know what for. */
const ENDS_ITS_STEP =
  'interrupted: the step in hand is ended first, which can take some seconds; a second Ctrl-C ends at once, and the next "apictl up" or "apictl secrets rotate" goes on from there';

async function rotateAll(
  secrets: Parameters<typeof applyRotation>[0],
  unfinished: Unfinished,
  ports: RotationPorts,
  root: string,
): Promise<Rotated> {
  const swapped: Swapped[] = unfinished.swapped.map((name) => ({ name, before: null }));
  let failure: { readonly name: string; readonly thrown: unknown } | undefined;
  for (const { name, bytes } of secrets) {
    if (ports.signal.aborted) break;
    try {
      const before = await swapOne(name, bytes, swapped, ports, root);
      swapped.push({ name, before });
    } catch (thrown) {
      if (thrown instanceof ApictlError && thrown.code === 'ROTATION_UNFINISHED') throw thrown;
      failure = { name, thrown };
      break;
    }
  }
  const { restarted, refused } = await finish(swapped, ports, root);
  await writeJournal(ports.files, root, ports.waiting);
  const rotated = swapped.map(({ name }) => name).filter((name) => !refused.includes(name));
  if (refused.length > 0) throw failed(refused.join(', '), new Error(REFUSED), rotated);
  if (failure !== undefined) throw failed(failure.name, failure.thrown, rotated);
  if (ports.signal.aborted && rotated.length < secrets.length) throw interrupted(ports.signal, rotated);
  return { rotated, restarted };
}

const REFUSED = 'the login with its new value is refused';

/** Answers the value of before, null where there was none. */
async function swapOne(
  name: string,
  bytes: number,
  swapped: readonly Swapped[],
  ports: RotationPorts,
  root: string,
): Promise<Secret | null> {
  const { files } = ports;
  const path = join(secretsFolder(root), name);
  const before = await valueAt(files, path);
  const staged = nextFile(root, name);
  const begun = await valueAt(files, staged);
  const next = begun ?? generate(ports.random, bytes);
  ports.emit({
    type: 'note',
    text: `${name}: ${begun === null ? 'a new value' : 'going on with its rotation'}`,
  });
  const door = ports.doorOf(name);
  let isAdmitted = false;
  try {
    if (begun === null) await files.write(staged, next.reveal(), FILE_MODE);
    await writeJournal(files, root, [...ports.waiting, ...swapped.map((other) => other.name), name]);
    if (door?.holding !== undefined) {
      isAdmitted = true;
      await door.holding.admit(before, next);
      if ((await door.opens?.(next)) === false) throw new Error(REFUSED);
    }
    await files.rename(staged, path);
  } catch (thrown) {
    // What an earlier run began may be admitted already.
    if (isAdmitted || begun !== null) await undo(name, door?.holding, { before, next }, thrown);
    await keepFile(files, path, before);
    await files.remove(staged);
    throw thrown;
  }
  return before;
}

/** A rename may have been done and not have reached the disk for certain. */
async function keepFile(files: Files, path: string, before: Secret | null): Promise<void> {
  const found = await valueAt(files, path);
  if (before === null || found?.reveal() === before.reveal()) return;
  await files.write(path, before.reveal(), FILE_MODE);
}

/** @throws ApictlError ROTATION_UNFINISHED where that fails too, or where no value is known to go back to */
async function undo(
  name: string,
  holding: Holding | undefined,
  { before, next }: { readonly before: Secret | null; readonly next: Secret },
  thrown: unknown,
): Promise<void> {
  if (before === null) throw unfinishedYet(name, thrown);
  await holding?.undo(before, next).catch((again: unknown) => {
    throw unfinishedYet(name, thrown, again);
  });
}

/**
 * Hands the new values to whoever reads them, tries the logins that only now can be, and takes away what was for the meantime.
 * `refused`: these have their old value again.
 */
async function finish(
  swapped: readonly Swapped[],
  ports: RotationPorts,
  root: string,
): Promise<{ readonly restarted: readonly string[]; readonly refused: readonly string[] }> {
  const refused: string[] = [];
  if (swapped.length === 0) return { restarted: [], refused };
  const names = swapped.map(({ name }) => name);
  const restarted = await ports.renewReaders(names).catch((thrown: unknown) => {
    if (!ports.signal.aborted) throw unfinishedYet(names.join(', '), thrown);
    throw interruption(ports.signal, {
      message: `interrupted while the readers of ${names.join(', ')} were made anew`,
      hint: GOES_ON,
    });
  });
  for (const { name, before } of swapped) {
    const door = ports.doorOf(name);
    const value = await valueAt(ports.files, join(secretsFolder(root), name));
    if (door === undefined || value === null) continue;
    try {
      if (door.holding !== undefined) await door.holding.retire(value);
      else if ((await door.opens?.(value)) === false) {
        await putBack(name, before, ports, root);
        refused.push(name);
      }
    } catch (thrown) {
      throw unfinishedYet(name, thrown);
    }
  }
  return { restarted, refused };
}

/** Its readers do not take the new value: they get the old one back, which they took. */
async function putBack(
  name: string,
  before: Secret | null,
  ports: RotationPorts,
  root: string,
): Promise<void> {
  if (before === null) throw new Error(REFUSED);
  await ports.files.write(join(secretsFolder(root), name), before.reveal(), FILE_MODE);
  await ports.renewReaders([name]);
}

async function valueAt(files: Files, path: string): Promise<Secret | null> {
  const content = (await files.read(path))?.toString('utf8') ?? '';
  return content === '' ? null : new Secret(content);
}

const failed = (name: string, thrown: unknown, rotated: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'ROTATION_FAILED',
    exitCode: rotated.length === 0 ? EXIT.secrets : EXIT.partial,
    message: `${name} keeps its old value: ${messageOf(thrown)}`,
    object: `secret ${name}`,
    details: rotated.length === 0 ? [] : [`rotated: ${rotated.join(', ')}`],
    hint:
      thrown instanceof ApictlError && thrown.hint !== undefined
        ? thrown.hint
        : 'Nothing is left to undo; try again when the cause is gone.',
    cause: thrown,
  });

const interrupted = (signal: AbortSignal, rotated: readonly string[]): ApictlError =>
  interruption(signal, {
    message: `interrupted between two secrets; ${rotated.length === 0 ? 'none is' : `${rotated.join(', ')} are`} rotated`,
    hint: 'Nothing is half done; "apictl secrets ls" says how old each one is.',
  });

const GOES_ON = 'The next "apictl up" or "apictl secrets rotate" goes on from here.';

const unfinishedYet = (names: string, thrown: unknown, again?: unknown): ApictlError =>
  new ApictlError({
    code: 'ROTATION_UNFINISHED',
    exitCode: EXIT.partial,
    message: `the rotation of ${names} is not finished: ${messageOf(thrown)}`,
    object: `secret ${names}`,
    details: again === undefined ? [] : [`undoing it failed too: ${messageOf(again)}`],
    hint: GOES_ON,
    cause: thrown,
  });
