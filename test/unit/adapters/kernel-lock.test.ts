import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { kernelLock } from '../../../src/adapters/kernel-lock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-lock-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const take = (command: string, waitMs = 0) =>
  kernelLock(systemClock).take({ path: join(folder, '.apictl/lock'), command, waitMs });

describe('the lock of a project', () => {
  it('is refused with exit code 11 while another holds it, who is named', async () => {
    const held = await take('up');
    await expect(take('down')).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 11,
      message: expect.stringMatching(new RegExp(`up.*${process.pid}|${process.pid}.*up`, 's')),
    });
    held.release();
    (await take('down')).release();
  });

  it('is waited for as long as the caller wants', async () => {
    const held = await take('up');
    const waiting = take('down', 10_000);
    held.release();
    (await waiting).release();
  });

  it('cannot be had where the system has no flock, which is said', async () => {
    vi.stubEnv('PATH', folder);
    await expect(take('up')).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE', exitCode: 8 });
  });
});
