import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localFiles } from '../../../src/adapters/files.ts';
import { peculiarX509 as x509 } from '../../../src/adapters/x509.ts';
import { broughtAuthorityPath, certificatePath, keyPath, pairFolder } from '../../../src/certs/model.ts';
import { type StoredPair, swapPair } from '../../../src/certs/store.ts';
import type { Files } from '../../../src/core/ports/files.ts';
import { makeCertificate } from '../../fakes/certificate-maker.ts';

class Killed extends Error {}

/** Real files, and a process that is killed before its nth step. */
function killedBefore(nth: number): Files {
  let left = nth;
  return new Proxy(localFiles, {
    get: (target, name: keyof Files) => {
      const call = target[name] as (...words: unknown[]) => unknown;
      return (...words: unknown[]) => {
        left -= 1;
        if (left < 0) throw new Killed();
        return call(...words);
      };
    },
  });
}

const made: string[] = [];
async function projectRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'apictl-pairs-'));
  made.push(root);
  return root;
}

let first: StoredPair;
let second: StoredPair;
let own: StoredPair;

beforeAll(async () => {
  const pair = async (broughtAuthorityPem: string | null): Promise<StoredPair> => {
    const { cert, key } = await makeCertificate({ subject: 'leaf', hosts: ['localhost'] });
    return { certificatePem: cert, keyPem: key, broughtAuthorityPem };
  };
  [first, second, own] = [await pair(null), await pair(null), await pair('the authority of the user')];
});

afterEach(async () => {
  for (const root of made.splice(0)) await rm(root, { recursive: true });
});

/** What a service reads that opens the files now. */
async function live(root: string): Promise<StoredPair> {
  return {
    certificatePem: await readFile(certificatePath(root, 'proxy'), 'utf8'),
    keyPem: await readFile(keyPath(root, 'proxy'), 'utf8'),
    broughtAuthorityPem:
      (await localFiles.read(broughtAuthorityPath(root, 'proxy')))?.toString('utf8') ?? null,
  };
}

/** Kills a swap before each of its steps in turn, each time in a new folder. */
async function sweep(
  prepare: (root: string) => Promise<void>,
  next: StoredPair,
  look: (root: string, wasKilled: boolean) => Promise<void>,
): Promise<number> {
  for (let step = 0; ; step += 1) {
    const root = await projectRoot();
    await prepare(root);
    const wasKilled = await swapPair(killedBefore(step), { root, name: 'proxy', id: 'next' }, next).then(
      () => false,
      (thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown;
        return true;
      },
    );
    await look(root, wasKilled);
    if (!wasKilled) return step;
  }
}

const storedAs = (pair: StoredPair) => (root: string) =>
  swapPair(localFiles, { root, name: 'proxy', id: 'first' }, pair);

async function plainFiles(root: string): Promise<void> {
  await mkdir(dirname(keyPath(root, 'proxy')), { recursive: true });
  await writeFile(keyPath(root, 'proxy'), first.keyPem);
  await writeFile(certificatePath(root, 'proxy'), first.certificatePem);
}

describe('a pair that is replaced', () => {
  it.each([
    ['of the local authority', storedAs],
    ['that somebody copied there as two plain files', () => plainFiles],
  ])('%s is the old one or the new one, whole, wherever the process is killed', async (_what, before) => {
    const steps = await sweep(before(first), second, async (root, wasKilled) => {
      const found = await live(root);
      expect([first, second]).toContainEqual(found);
      expect(x509.keyMatches(found.certificatePem, found.keyPem)).toBe(true);
      if (!wasKilled) expect(found).toEqual(second);
      // The next run finishes what was cut off.
      await swapPair(localFiles, { root, name: 'proxy', id: 'again' }, second);
      expect(await live(root)).toEqual(second);
    });
    expect(steps).toBeGreaterThan(8);
  });

  it.each([
    ['an issued pair by the user’s own', () => [first, own] as const],
    ['the user’s own by an issued one', () => [own, first] as const],
  ])('%s is never taken for a mixture of the two', async (_what, pairs) => {
    const [before, after] = pairs();
    await sweep(storedAs(before), after, async (root) => {
      expect([before, after]).toContainEqual(await live(root));
    });
  });

  it('is not half there the first time either', async () => {
    await sweep(
      async () => {},
      first,
      async (root) => {
        const parts = [certificatePath(root, 'proxy'), keyPath(root, 'proxy')];
        const there = await Promise.all(parts.map((path) => localFiles.read(path)));
        expect(new Set(there.map((part) => part === null)).size).toBe(1);
      },
    );
  });

  it('keeps its folder, which containers have mounted, and the pair before it, and nothing older', async () => {
    const root = await projectRoot();
    for (const id of ['1', '2', '3']) await swapPair(localFiles, { root, name: 'proxy', id }, second);
    await writeFile(join(pairFolder(root, 'proxy'), '.tls.crt.0123456789ab'), 'cut off');
    const folder = await localFiles.stat(pairFolder(root, 'proxy'));
    await swapPair(localFiles, { root, name: 'proxy', id: '4' }, first);
    expect(folder?.kind).toBe('folder');
    expect((await readdir(pairFolder(root, 'proxy'))).sort()).toEqual([
      '.pair',
      '.pair-3',
      '.pair-4',
      'tls.crt',
      'tls.key',
    ]);
  });

  it('can be read by services that run as other users', async () => {
    const root = await projectRoot();
    const umask = process.umask(0o077);
    try {
      await storedAs(first)(root);
    } finally {
      process.umask(umask);
    }
    expect((await localFiles.stat(keyPath(root, 'proxy')))?.mode).toBe(0o444);
    expect(
      (await localFiles.stat(dirname((await localFiles.realPath(keyPath(root, 'proxy'))) ?? '')))?.mode,
    ).toBe(0o755);
  });
});
