import { beforeAll, describe, expect, it } from 'vitest';
import { peculiarX509 as x509 } from '../../../src/adapters/x509.ts';
import { applyCertificatePlan } from '../../../src/certs/apply.ts';
import {
  authorityKeyPath,
  authorityPath,
  certificatePath,
  keyPath,
  type WantedCertificate,
} from '../../../src/certs/model.ts';
import { type CertificatePlan, planCertificates } from '../../../src/certs/plan.ts';
import { readCertificates } from '../../../src/certs/read.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const root = '/project';
const DAY_MS = 86_400_000;
const startMs = Date.UTC(2026, 10, 1);
const want = (hosts: readonly string[]): WantedCertificate => ({
  name: 'proxy',
  door: '',
  service: 'kong',
  port: 'proxyTls',
  hosts,
  insideHosts: [],
});
const wanted = [want(['localhost', '127.0.0.1', '::1', '*.shop.test'])];
type MemoryFiles = ReturnType<typeof memoryFiles>;

async function planFor(files: MemoryFiles, atMs = startMs, hosts = wanted): Promise<CertificatePlan> {
  const found = await readCertificates({ files, x509 }, root, hosts);
  return planCertificates(found, { wanted: hosts, renewBeforeDays: 30, nowMs: atMs });
}

async function made(atMs = startMs): Promise<MemoryFiles> {
  const files = memoryFiles();
  const settings = { root, project: 'shop', validDays: 90 };
  await applyCertificatePlan(await planFor(files, atMs), { files, x509, clock: fakeClock(atMs) }, settings);
  return files;
}

/** Another project's pair in the place of this one's. */
async function putForeign(files: MemoryFiles, paths: readonly string[]): Promise<void> {
  const other = await made();
  for (const path of paths) await files.write(path, (await other.read(path)) ?? '');
}

describe('certificates', () => {
  let first: MemoryFiles;
  beforeAll(async () => {
    first = await made();
  });

  it.each([-1, 1])(
    'made while the clock was %i day off are valid to a clock that is right, the authority too',
    async (days) => {
      const files = await made(startMs + days * DAY_MS);
      expect(await planFor(files)).toMatchObject({ makeAuthority: false, issue: [] });
      for (const path of [authorityPath(root), certificatePath(root, 'proxy')]) {
        const { notBefore, notAfter } = x509.read((await files.read(path))?.toString() ?? '');
        expect(notBefore.getTime()).toBeLessThan(startMs);
        expect(notAfter.getTime()).toBeGreaterThan(startMs + 60 * DAY_MS);
      }
    },
  );

  it('are made with a local authority whose key stays with its owner', async () => {
    expect(first.modes.get(authorityKeyPath(root))).toBe(0o400);
    expect(first.modes.get(`${root}/secrets/certs`)).toBe(0o700);
    const leaf = (await first.read(certificatePath(root, 'proxy')))?.toString() ?? '';
    expect(x509.signedBy(leaf, first.content.get(authorityPath(root))?.toString() ?? '')).toBe(true);
    expect(x509.read(leaf).hosts).toEqual(['localhost', '127.0.0.1', '::1', '*.shop.test']);
  });

  it('that are fit are kept', async () => {
    expect(await planFor(first)).toEqual({
      makeAuthority: false,
      replacesAuthority: false,
      issue: [],
      unfitImports: [],
    });
  });

  it('near their end are issued anew', async () => {
    const plan = await planFor(first, startMs + 61 * DAY_MS);
    expect(plan.issue).toMatchObject([{ name: 'proxy', why: 'has 29 days left' }]);
  });

  it('for other hosts than wanted are issued anew', async () => {
    const more = [want(['localhost', 'new.test'])];
    expect((await planFor(first, startMs, more)).issue).toMatchObject([{ why: 'is not valid for new.test' }]);
  });

  it('whose key belongs to another are issued anew', async () => {
    const files = await made();
    await putForeign(files, [keyPath(root, 'proxy')]);
    expect((await planFor(files)).issue).toMatchObject([{ why: 'has a key that does not match it' }]);
  });

  it('that are no certificates are issued anew', async () => {
    const files = await made();
    await files.write(certificatePath(root, 'proxy'), 'not a certificate');
    expect((await planFor(files)).issue).toMatchObject([{ why: 'is not a readable certificate' }]);
  });

  it('of another authority are issued anew', async () => {
    const files = await made();
    await putForeign(files, [certificatePath(root, 'proxy'), keyPath(root, 'proxy')]);
    expect((await planFor(files)).issue).toMatchObject([
      { why: 'is signed by another authority, "shop local authority"' },
    ]);
  });

  it.each([
    ['expired', startMs + 4000 * DAY_MS, (_files: MemoryFiles) => {}],
    ['without its key', startMs, (files: MemoryFiles) => void files.content.delete(authorityKeyPath(root))],
    [
      'unreadable',
      startMs,
      (files: MemoryFiles) => void files.content.set(authorityPath(root), Buffer.from('x')),
    ],
  ])(
    'of an authority that is %s are an error, because clients trust the old one',
    async (_how, atMs, damage) => {
      const files = await made();
      damage(files);
      await expect(planFor(files, atMs)).rejects.toMatchObject({ code: 'CA_UNUSABLE', exitCode: 7 });
    },
  );
});
