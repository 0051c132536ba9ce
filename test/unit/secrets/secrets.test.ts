import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { applySecretPlan, writeSecret } from '../../../src/secrets/apply.ts';
import { SECRETS, secretsOf } from '../../../src/secrets/model.ts';
import { planSecrets } from '../../../src/secrets/plan.ts';
import { readSecret, readSecretStates, specOf } from '../../../src/secrets/read.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const root = '/project';
const path = (name: string) => `${root}/secrets/values/${name}`;
const random = { bytes: (count: number) => new Uint8Array(count).fill(7) };
const everySecret = Object.fromEntries(SECRETS.map(({ name }) => [path(name), `value-of-${name}`]));
const none: ReadonlySet<string> = new Set();

const planFor = async (files: ReturnType<typeof memoryFiles>, volumes = none) =>
  planSecrets(SECRETS, await readSecretStates(files, root, SECRETS), volumes);

describe('secrets', () => {
  it('are all generated where there are none, in a folder that only its owner enters', async () => {
    const files = memoryFiles();
    const names = await applySecretPlan(await planFor(files), { files, random }, root);
    expect(names).toEqual(SECRETS.map(({ name }) => name));
    expect(files.modes.get(`${root}/secrets/values`)).toBe(0o700);
    expect(files.modes.get(path('postgres-password'))).toBe(0o444);
    expect(files.content.get(path('postgres-password'))?.toString()).toMatch(/^[\w-]{32}$/);
    expect(files.content.get(`${root}/secrets/.gitignore`)?.toString()).toContain('values/');
  });

  it('are kept where they are: a second run generates nothing', async () => {
    const files = memoryFiles(everySecret);
    expect(await planFor(files)).toMatchObject({ generate: [], warnings: [] });
  });

  it('that data was created with are never replaced by new ones', async () => {
    const files = memoryFiles(everySecret);
    files.content.delete(path('postgres-password'));
    await expect(planFor(files, new Set(['postgres-data']))).rejects.toMatchObject({
      code: 'SECRETS_UNUSABLE',
      exitCode: 7,
      message:
        'secret postgres-password is missing, and the data in volume postgres-data was created with it',
    });
    expect(await planFor(files)).toMatchObject({ generate: [{ name: 'postgres-password' }] });
  });

  it('that are empty or end with a newline are refused together, each by its path', async () => {
    const files = memoryFiles({
      ...everySecret,
      [path('partner-api-key')]: ' \n',
      [path('elastic-password')]: 'abc\n',
    });
    await expect(planFor(files)).rejects.toMatchObject({
      exitCode: 7,
      message: '2 secrets are unusable',
      details: [
        `${path('partner-api-key')}: is empty`,
        expect.stringContaining(`${path('elastic-password')}: ends with a newline`),
      ],
    });
  });

  it('that became folders (as the engine makes of a missing mount) are refused', async () => {
    const files = memoryFiles(everySecret);
    files.content.delete(path('digest-key'));
    await files.makeFolder(path('digest-key'));
    await expect(planFor(files)).rejects.toMatchObject({
      message: expect.stringContaining('is a folder, not a file'),
    });
  });

  it('are read as values that do not print themselves', async () => {
    const secret = await readSecret(memoryFiles(everySecret), root, 'partner-api-key');
    expect(String(secret)).toBe('[secret]');
    expect(secret.reveal()).toBe('value-of-partner-api-key');
  });

  it('that the stack does not know are a usage error', () => {
    expect(() => specOf(SECRETS, '../../etc/passwd')).toThrow(expect.objectContaining({ exitCode: 64 }));
  });
});

describe('a secret that only the user knows', () => {
  const receiver = { name: 'oncall', slack: { urlSecret: 'alert-slack-url' } };
  const specs = secretsOf(configSchema.parse({ alerting: { receivers: [receiver] } }));
  const name = 'alert-slack-url';

  it('is listed with what it opens', () => {
    expect(specOf(specs, name)).toMatchObject({ opens: 'the alert receiver oncall', bytes: null });
  });

  it('is asked for where it is missing, and never generated', async () => {
    const states = await readSecretStates(memoryFiles(everySecret), root, specs);
    expect(() => planSecrets(specs, states, none)).toThrow(
      expect.objectContaining({
        exitCode: 7,
        message: 'secret alert-slack-url is missing: say "apictl secrets set alert-slack-url"',
        hint: 'Nothing can generate what another service gave you; run the command of each, then this one again.',
      }),
    );
  });

  it('is written without the newline behind it, readable by the containers only', async () => {
    const files = memoryFiles();
    await writeSecret(files, root, name, 'https://hooks.example/T1\n');
    expect(files.content.get(path(name))?.toString()).toBe('https://hooks.example/T1');
    expect(files.modes.get(path(name))).toBe(0o444);
    expect(files.modes.get(`${root}/secrets/values`)).toBe(0o700);
  });

  it.each([
    ['is empty', '\n'],
    ['has several lines', 'one\ntwo\n'],
  ])('is refused where it %s, and nothing is written', async (problem, value) => {
    const files = memoryFiles();
    await expect(writeSecret(files, root, name, value)).rejects.toMatchObject({
      exitCode: 7,
      message: `the value of alert-slack-url ${problem}; nothing was written`,
    });
    expect(files.content.has(path(name))).toBe(false);
  });
});
