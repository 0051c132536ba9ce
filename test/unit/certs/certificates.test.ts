import { beforeAll, describe, expect, it } from 'vitest';
import { peculiarX509 as x509 } from '../../../src/adapters/x509.ts';
import { applyCertificatePlan } from '../../../src/certs/apply.ts';
import { authorityKeyPath, authorityPath, certificatePath, keyPath } from '../../../src/certs/model.ts';
import { type CertificatePlan, planCertificates } from '../../../src/certs/plan.ts';
import { readCertificates } from '../../../src/certs/read.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const root = '/project';
const DAY_MS = 86_400_000;
const startMs = Date.UTC(2026, 10, 1);
const wanted = [{ name: 'proxy', door: '', hosts: ['localhost', '127.0.0.1', '::1', '*.shop.test'] }];
type MemoryFiles = ReturnType<typeof memoryFiles>;

async function planFor(files: MemoryFiles, atMs = startMs, hosts = wanted): Promise<CertificatePlan> {
  const found = await readCertificates({ files, x509 }, root, hosts);
  return planCertificates(found, { wanted: hosts, renewBeforeDays: 30, nowMs: atMs });
}

async function made(): Promise<MemoryFiles> {
  const files = memoryFiles();
  const settings = { root, project: 'shop', validDays: 90 };
  await applyCertificatePlan(await planFor(files), { files, x509, clock: fakeClock(startMs) }, settings);
  return files;
}

const copy = (files: MemoryFiles): MemoryFiles =>
  memoryFiles(Object.fromEntries([...files.content].map(([path, bytes]) => [path, bytes.toString()])));

describe('certificates', () => {
  let first: MemoryFiles;
  beforeAll(async () => {
    first = await made();
  });

  it('are made with a local authority whose key stays with its owner', async () => {
    expect(first.modes.get(authorityKeyPath(root))).toBe(0o400);
    expect(first.modes.get(`${root}/secrets/certs`)).toBe(0o700);
    const leaf = first.content.get(certificatePath(root, 'proxy'))?.toString() ?? '';
    expect(x509.signedBy(leaf, first.content.get(authorityPath(root))?.toString() ?? '')).toBe(true);
    expect(x509.read(leaf).hosts).toEqual(['localhost', '127.0.0.1', '::1', '*.shop.test']);
  });

  it('that are fit are kept', async () => {
    expect(await planFor(first)).toEqual({ makeAuthority: false, issue: [] });
  });

  it('near their end are issued anew', async () => {
    const plan = await planFor(first, startMs + 61 * DAY_MS);
    expect(plan.issue).toMatchObject([{ name: 'proxy', why: '29 days left' }]);
  });

  it('for other hosts than wanted are issued anew', async () => {
    const more = [{ name: 'proxy', door: '', hosts: ['localhost', 'new.test'] }];
    expect((await planFor(first, startMs, more)).issue).toMatchObject([{ why: 'not valid for new.test' }]);
  });

  it('whose key belongs to another are issued anew', async () => {
    const files = copy(first);
    const other = await made();
    files.content.set(keyPath(root, 'proxy'), other.content.get(keyPath(root, 'proxy')) ?? Buffer.from(''));
    expect((await planFor(files)).issue).toMatchObject([{ why: 'its key does not match' }]);
  });

  it('that are no certificates are issued anew', async () => {
    const files = copy(first);
    files.content.set(certificatePath(root, 'proxy'), Buffer.from('not a certificate'));
    expect((await planFor(files)).issue).toMatchObject([{ why: 'not a readable certificate' }]);
  });

  it('of another authority are issued anew', async () => {
    const files = copy(first);
    const other = await made();
    for (const path of [certificatePath(root, 'proxy'), keyPath(root, 'proxy')]) {
      files.content.set(path, other.content.get(path) ?? Buffer.from(''));
    }
    expect((await planFor(files)).issue).toMatchObject([{ why: 'signed by another authority' }]);
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
      const files = copy(first);
      damage(files);
      await expect(planFor(files, atMs)).rejects.toMatchObject({ code: 'CA_UNUSABLE', exitCode: 7 });
    },
  );
});
