import { beforeEach, describe, expect, it } from 'vitest';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import type { LockRequest } from '../../../../src/core/ports/lock.ts';
import { runCommand } from '../../../fakes/command-line.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { type FakeKong, fakeKong } from '../../../fakes/fake-kong.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { declaring } from '../../../fakes/seed-run.ts';

/** A seed and whatever else changes the stack (a rotation of secrets, a rolling restart) exclude each other. */

let kong: FakeKong;
let asked: LockRequest[];
let released: number;
let holder: string | undefined;

beforeEach(() => {
  kong = fakeKong();
  asked = [];
  released = 0;
  holder = undefined;
});

const lock = {
  take: async (request: LockRequest) => {
    asked.push(request);
    if (holder !== undefined) {
      throw new ApictlError({
        code: 'LOCKED',
        exitCode: EXIT.locked,
        message: `another apictl works on this project: ${holder}`,
        object: request.path,
      });
    }
    return {
      fd: 3,
      release: () => {
        released += 1;
      },
    };
  },
};

const apictl = (text: string, ...words: string[]) =>
  runCommand(
    {
      http: kong.http,
      clock: fakeClock(),
      files: memoryFiles({ '/shop/kong/kong.yaml': declaring(text) }),
      packageRoot: '/installed',
      workingFolder: '/shop',
      lock,
    },
    ...words,
  );

const SERVICE = 'services: [{ name: s, host: h.test }]';

describe('a seed of the project’s own Kong', () => {
  it('is refused while another apictl changes the stack, with its name, and sends nothing', async () => {
    holder = '"apictl secrets rotate" (pid 7)';
    const { exitCode, error } = await apictl(SERVICE, 'seed');
    expect({ exitCode, message: error?.message }).toEqual({
      exitCode: EXIT.locked,
      message: `another apictl works on this project: ${holder}`,
    });
    expect(kong.requests).toEqual([]);
  });

  it.each([
    [['seed'], 0],
    [['seed', '--wait-lock', '7'], 7_000],
    [['seed', 'apply', '--wait-lock', '7'], 7_000],
    [['seed', '--admin-url', 'http://localhost:8001'], 0],
  ])('%j waits %i ms for it and gives it back', async (words, waitMs) => {
    expect((await apictl(SERVICE, ...words)).exitCode).toBe(0);
    expect(asked).toMatchObject([{ path: '/shop/.apictl/lock', command: 'seed', waitMs }]);
    expect(released).toBe(1);
  });

  it('gives it back when it fails', async () => {
    expect((await apictl('services: [{ nam: s }]', 'seed')).exitCode).toBe(EXIT.usage);
    expect(released).toBe(1);
  });
});

describe('no lock is taken', () => {
  it.each([
    [['seed', '--dry-run']],
    [['seed', 'diff']],
    [['seed', 'validate']],
    [['seed', '--admin-url', 'http://kong.test:8001']],
    [['seed', '--admin-url', 'http://127.0.0.1:9001']],
  ])('by %j', async (words) => {
    holder = 'somebody';
    expect((await apictl(SERVICE, ...words)).exitCode).toBe(0);
    expect(asked).toEqual([]);
  });
});
