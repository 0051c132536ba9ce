import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../src/adapters/files.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import { applySecretPlan } from '../../../src/secrets/apply.ts';
import { SECRETS } from '../../../src/secrets/model.ts';
import { planSecrets } from '../../../src/secrets/plan.ts';
import { readSecretStates } from '../../../src/secrets/read.ts';

let root: string;
const values = () => join(root, 'secrets', 'values');
const file = (name: string) => join(values(), name);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'apictl-secrets-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const look = () => readSecretStates(localFiles, root, SECRETS);
const plan = async (volumes: readonly string[] = []) => planSecrets(SECRETS, await look(), new Set(volumes));
const make = async () => applySecretPlan(await plan(), { files: localFiles, random: systemRandom }, root);
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('secrets on a disk', () => {
  it.each([0o000, 0o022, 0o077, 0o777])('have their modes whatever the umask is (%o)', async (umask) => {
    const before = process.umask(umask);
    try {
      await make();
    } finally {
      process.umask(before);
    }
    expect(await modeOf(values())).toBe(0o700);
    for (const { name } of SECRETS) expect([name, await modeOf(file(name))]).toEqual([name, 0o444]);
  });

  it('get their modes back where they are loose, and keep their values', async () => {
    await make();
    const value = await readFile(file('partner-api-key'), 'utf8');
    await chmod(values(), 0o777);
    await chmod(file('partner-api-key'), 0o666);
    expect((await plan()).chmod).toEqual([{ path: file('partner-api-key'), from: 0o666, mode: 0o444 }]);
    await make();
    expect([await modeOf(values()), await modeOf(file('partner-api-key'))]).toEqual([0o700, 0o444]);
    expect(await readFile(file('partner-api-key'), 'utf8')).toBe(value);
  });

  it('of which half is there are completed; what data was created with is asked for, all at once', async () => {
    await make();
    const kept = await readFile(file('digest-key'), 'utf8');
    for (const name of ['postgres-password', 'elastic-password', 'partner-api-key']) await rm(file(name));
    await chmod(file('logging-admin-token'), 0o644);
    await writeFile(file('logging-admin-token'), '');
    await chmod(file('exporter-password'), 0o644);
    await writeFile(file('exporter-password'), ' \t ');
    await expect(plan(['postgres-data', 'elasticsearch-data'])).rejects.toMatchObject({
      exitCode: 7,
      details: [
        `${file('postgres-password')}: is missing, and the data in volume postgres-data was created with it`,
        `${file('logging-admin-token')}: is empty`,
        `${file('elastic-password')}: is missing, and the data in volume elasticsearch-data was created with it`,
        `${file('exporter-password')}: is empty`,
      ],
    });
    for (const name of ['logging-admin-token', 'exporter-password']) await rm(file(name));
    expect(await make()).toHaveLength(5);
    expect(await readFile(file('digest-key'), 'utf8')).toBe(kept);
  });

  it('are not read through a link, nor written through one', async () => {
    await make();
    const elsewhere = join(root, 'elsewhere');
    await writeFile(elsewhere, 'somebody else’s file');
    await rm(file('partner-api-key'));
    await symlink(elsewhere, file('partner-api-key'));
    await expect(plan()).rejects.toMatchObject({
      exitCode: 7,
      message: 'secret partner-api-key is a symbolic link; only files in their place are read',
    });
    expect(await readFile(elsewhere, 'utf8')).toBe('somebody else’s file');
  });

  it('are not looked for where their folder is a link out of the project', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'apictl-elsewhere-'));
    try {
      await mkdir(join(root, 'secrets'));
      await symlink(elsewhere, values());
      await expect(look()).rejects.toMatchObject({ code: 'SECRETS_ELSEWHERE', exitCode: 7 });
      expect(await readdir(elsewhere)).toEqual([]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('are no place for what a killed write has left', async () => {
    await make();
    await writeFile(file('.postgres-password.0123456789ab'), 'half a val');
    await rm(file('partner-api-key'));
    await make();
    expect((await readdir(values())).sort()).toEqual(SECRETS.map(({ name }) => name).sort());
  });

  it('that are easy to guess stand in the way of a first start, and are told where data has them already', async () => {
    await make();
    await chmod(file('postgres-password'), 0o644);
    await writeFile(file('postgres-password'), 'changeme');
    await expect(plan()).rejects.toMatchObject({
      exitCode: 7,
      message: 'secret postgres-password is one of the values that are tried first',
    });
    expect((await plan(['postgres-data'])).warnings).toEqual([
      'secret postgres-password is one of the values that are tried first: say "apictl secrets rotate postgres-password" when the stack is up',
    ]);
  });
});
