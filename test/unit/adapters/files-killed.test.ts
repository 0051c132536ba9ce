import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';

/**
 * Intent: a secret is written whole or not at all. The program is dead at one system call after the other, before it, after it, and in
 * the middle of what it writes; or the disk is full there.
 */

/** What happens at which call, counted from one; `dead` from then on. */
const fate = {
  calls: 0,
  at: Number.POSITIVE_INFINITY,
  how: 'never' as 'never' | 'killed' | 'full',
  dead: false,
};

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const call = async <T>(work: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> => {
    if (fate.dead) throw new Error('nothing is done by a program that is dead');
    fate.calls += 1;
    if (fate.calls === fate.at) {
      await half?.();
      if (fate.how === 'killed') fate.dead = true;
      throw Object.assign(new Error(fate.how), fate.how === 'full' ? { code: 'ENOSPC' } : {});
    }
    return work();
  };
  const handle = (file: FileHandle) => ({
    writeFile: (content: string) =>
      call(
        () => file.writeFile(content),
        () => file.write(content.slice(0, content.length / 2)),
      ),
    chmod: (mode: number) => call(() => file.chmod(mode)),
    sync: () => call(() => file.sync()),
    // The kernel closes what a dead program had open.
    close: async () => {
      await file.close();
      if (fate.how === 'killed') await call(async () => {});
    },
  });
  return {
    ...real,
    mkdir: (...given: Parameters<typeof real.mkdir>) => call(() => real.mkdir(...given)),
    open: async (...given: Parameters<typeof real.open>) => handle(await call(() => real.open(...given))),
    rename: (...given: Parameters<typeof real.rename>) => call(() => real.rename(...given)),
    rm: (...given: Parameters<typeof real.rm>) =>
      fate.dead ? Promise.reject(new Error('dead')) : real.rm(...given),
  };
});

const { mkdtemp, readdir, readFile, rm } =
  await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
const { localFiles } = await import('../../../src/adapters/files.ts');
const { applySecretPlan } = await import('../../../src/secrets/apply.ts');

const OLD = 'the value that opens the data';
const NEW = 'the value that comes into its place';
const root = await mkdtemp(join(tmpdir(), 'apictl-killed-'));
const folder = join(root, 'secrets', 'values');
const path = join(folder, 'postgres-password');
afterAll(() => rm(root, { recursive: true, force: true }));

const live = (): void =>
  void Object.assign(fate, { calls: 0, at: Number.POSITIVE_INFINITY, how: 'never', dead: false });
beforeEach(async () => {
  live();
  await localFiles.write(path, OLD, 0o444);
});

const writeWith = async (how: 'killed' | 'full', at: number): Promise<void> => {
  Object.assign(fate, { calls: 0, at, how });
  await localFiles.write(path, NEW, 0o444).catch(() => {});
  live();
};

async function countCalls(how: 'killed' | 'full'): Promise<number> {
  Object.assign(fate, { calls: 0, at: Number.POSITIVE_INFINITY, how });
  await localFiles.write(path, NEW, 0o444);
  const { calls } = fate;
  live();
  await localFiles.write(path, OLD, 0o444);
  return calls;
}

it('a write that is killed at any call leaves the old or the new value, and the next run takes away what else it left', async () => {
  const calls = await countCalls('killed');
  expect(calls).toBeGreaterThan(7);
  const left = new Set<string>();
  for (let at = 1; at <= calls; at += 1) {
    await writeWith('killed', at);
    const value = await readFile(path, 'utf8');
    expect([at, [OLD, NEW].includes(value)]).toEqual([at, true]);
    for (const name of await readdir(folder)) if (name !== 'postgres-password') left.add(name);
    const nothing = { generate: [], warnings: [], chmod: [] };
    await applySecretPlan(nothing, { files: localFiles, random: { bytes: () => new Uint8Array() } }, root);
    expect([at, await readdir(folder)]).toEqual([at, ['postgres-password']]);
    expect([at, await readFile(path, 'utf8')]).toEqual([at, value]);
    await localFiles.write(path, OLD, 0o444);
  }
  // There was something to take away.
  expect(left.size).toBeGreaterThan(2);
});

it('a write to a disk that is full at any call leaves the old value and nothing else, or is done', async () => {
  const calls = await countCalls('full');
  for (let at = 1; at <= calls; at += 1) {
    await writeWith('full', at);
    expect([at, [OLD, NEW].includes(await readFile(path, 'utf8'))]).toEqual([at, true]);
    expect([at, await readdir(folder)]).toEqual([at, ['postgres-password']]);
    await localFiles.write(path, OLD, 0o444);
  }
});
