import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Service } from '../../src/service.ts';
import { runningService, scratchDirectory } from '../support/scratch.ts';

const WRITER = fileURLToPath(new URL('../support/line-writer.mjs', import.meta.url));
const PATIENCE = { timeout: 50_000, interval: 20 };
const ROTATIONS = 5;

interface Writer {
  readonly process: ChildProcess;
  /** Ends it. @returns how many lines it has written */
  readonly end: () => Promise<number>;
}

async function startWriter(path: string, worker: string, mode: string): Promise<Writer> {
  const child = spawn(process.execPath, [WRITER, path, worker, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await printed.next()).toMatchObject({ value: 'ready' });
  return {
    process: child,
    end: async () => {
      child.kill('SIGTERM');
      const { value } = await printed.next();
      expect((await exit)[0]).toBe(0);
      return Number(value);
    },
  };
}

/** How many lines are in the store, and how many different ones. */
async function storedLines(service: Service): Promise<{ total: number; distinct: number }> {
  const [row] = await service.pipeline.store.query(
    `SELECT count(*) AS total, count(DISTINCT json_extract_string(attributes, '$.worker') || ' ' ||
       json_extract_string(attributes, '$.n')) AS different FROM events WHERE body = 'line'`,
    [],
    10_000,
  );
  return { total: Number(row?.total), distinct: Number(row?.different) };
}

describe('rotation under load', () => {
  it.each([
    ['each line opens the file by its name', 'each'],
    ['the file stays open until its writer is told', 'hup'],
  ])('loses no line and takes none twice: %s', { timeout: 120_000 }, async (_what, mode) => {
    const root = await scratchDirectory();
    const small = { LOGGING_ROTATE_BYTES: '32KiB', LOGGING_ROTATE_KEEP: '1' };
    const service = await runningService(root, small);
    const folder = join(root, 'logs');
    const path = join(folder, 'access.ndjson');
    const writers = await Promise.all(['a', 'b'].map((worker) => startWriter(path, worker, mode)));
    let told = 0;
    await vi.waitFor(async () => {
      const names = await readdir(folder);
      const rotations = names.filter((name) => name.startsWith('access.ndjson.')).length;
      if (mode === 'hup' && rotations > told) {
        told = rotations;
        for (const { process: writer } of writers) writer.kill('SIGHUP');
      }
      expect(rotations).toBeGreaterThanOrEqual(ROTATIONS);
    }, PATIENCE);
    const written = await Promise.all(writers.map(({ end }) => end()));
    const all = written.reduce((sum, count) => sum + count, 0);
    await vi.waitFor(
      async () => expect((await storedLines(service)).total).toBeGreaterThanOrEqual(all),
      PATIENCE,
    );
    expect(await storedLines(service)).toEqual({ total: all, distinct: all });
    await service.stop();

    // Nor does the next run, which finds the same files again.
    const next = await runningService(root, small);
    await vi.waitFor(() => {
      expect(next.pipeline.readings.followedFiles).toBeGreaterThan(0);
      expect(next.pipeline.readings.followLagBytes).toBe(0);
    }, PATIENCE);
    expect(await storedLines(next)).toEqual({ total: all, distinct: all });
  });
});
