import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ComposeService, listAt } from '../../src/stack/render/compose-tree.ts';
import { packagedFragments, renderDefault } from '../unit/stack/render/matrix.ts';
import { platformImage } from './support/generated-project.ts';

/**
 * Intent: the commands that start the Elastic stack's images hand the secrets over as documented. The images cannot be had here;
 * the embedded flavour's base image stands in for them, with programs of the same names that tell what they were started with.
 */

const PASSWORD = `p@$$w0rd #x"'\\y \`z\``;

/** What each container starts in the end, and which variable carries which secret. */
const STARTS: readonly (readonly [service: string, program: string, Readonly<Record<string, string>>])[] = [
  ['elasticsearch', '/usr/local/bin/docker-entrypoint.sh', { ELASTIC_PASSWORD: 'elastic-password' }],
  ['logstash', '/usr/local/bin/docker-entrypoint', { LOGSTASH_WRITER_PASSWORD: 'logstash-writer-password' }],
  [
    'kibana',
    '/usr/local/bin/kibana-docker',
    {
      KIBANA_SYSTEM_PASSWORD: 'kibana-system-password',
      KIBANA_FORMER_ENCRYPTION_KEY: 'kibana-former-encryption-key',
      KIBANA_ENCRYPTION_KEY: 'kibana-encryption-key',
    },
  ],
  ['elasticsearch-exporter', '/bin/elasticsearch_exporter', { ES_PASSWORD: 'exporter-password' }],
];

const folder = await mkdtemp(join(tmpdir(), 'apictl-elk-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const { services } = renderDefault(await packagedFragments(), { flavour: 'official' }).compose;

let image: string;
beforeAll(async () => {
  image = await platformImage();
  await mkdir(join(folder, 'programs'));
  const program = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, 'programs', name), `#!/bin/bash\n${text}\n`);
    await chmod(join(folder, 'programs', name), 0o755);
  };
  await chmod(folder, 0o755);
  await chmod(join(folder, 'programs'), 0o755);
  await program('tini', 'shift; "$@"');
  await program(
    'told',
    'echo "uid $UID"; tr "\\0" "\\n" < /proc/$$/cmdline | sed "s/^/argv /"; env -0 | base64 -w 0',
  );
});

/** Starts the service's command with these secrets. `variables` is what the program got, null where it was not started. */
async function start(service: ComposeService, program: string, secrets: Readonly<Record<string, string>>) {
  const secretsFolder = await mkdtemp(join(folder, 'secrets-'));
  await chmod(secretsFolder, 0o755);
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(secretsFolder, name), value);
  const [first, ...rest] = [...listAt(service, 'entrypoint'), ...listAt(service, 'command')].map((word) =>
    // As Compose does with what is rendered for it.
    String(word).replaceAll('$$', '$'),
  );
  const mount = (from: string, to: string) => ['--volume', `${from}:${to}:ro`];
  const args = [
    ...[
      'run',
      '--rm',
      '--network',
      'none',
      '--read-only',
      '--cap-drop',
      'ALL',
      '--user',
      String(service.user ?? '1000:0'),
    ],
    ...mount(secretsFolder, '/run/secrets'),
    ...mount(join(folder, 'programs/tini'), '/bin/tini'),
    ...mount(join(folder, 'programs/told'), program),
    ...['--entrypoint', String(first), image, ...rest],
  ];
  return new Promise<{ exitCode: number; output: string; variables: Map<string, string> | null }>(
    (resolve) => {
      execFile('docker', args, (error, stdout, stderr) => {
        const lines = stdout.split('\n');
        const encoded = lines.pop() ?? '';
        const pairs = Buffer.from(encoded, 'base64')
          .toString('utf8')
          .split('\0')
          .filter((pair) => pair !== '');
        resolve({
          exitCode: typeof error?.code === 'number' ? error.code : 0,
          output: lines.join('\n') + stderr,
          variables:
            encoded === ''
              ? null
              : new Map(
                  pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
                ),
        });
      });
    },
  );
}

describe.each(STARTS)('the start of %s', (name, program, wanted) => {
  const service = services[name] as ComposeService;
  const secrets = Object.fromEntries(Object.values(wanted).map((secret) => [secret, `${PASSWORD}${secret}`]));

  it('hands the secrets over byte for byte, in its environment and in no argument', async () => {
    const { exitCode, output, variables } = await start(service, program, secrets);
    expect(output).toContain(`argv ${program}`);
    expect(exitCode).toBe(0);
    for (const [variable, secret] of Object.entries(wanted))
      expect(variables?.get(variable)).toBe(secrets[secret]);
    const carrying = [...(variables ?? [])].filter(([, value]) => value.includes(PASSWORD));
    expect(carrying.map(([variable]) => variable).sort()).toEqual(Object.keys(wanted).sort());
    expect(output).not.toContain(PASSWORD);
    expect(output).toContain(`uid ${String(service.user ?? '1000').split(':')[0]}`);
  });

  it.each(['missing', 'empty'])('does not start when a secret is %s, and says which', async (how) => {
    const secret = Object.values(wanted).at(-1) ?? '';
    const { [secret]: _left, ...others } = secrets;
    const found = await start(service, program, how === 'empty' ? { ...others, [secret]: '' } : others);
    expect(found).toMatchObject({ exitCode: 1, variables: null });
    expect(found.output).toBe(`the secret ${secret} is missing or empty\n`);
  });
});

it('Kibana gets no key twice, as it refuses to start with one, where a rotation was broken off between its files', async () => {
  const [name, program, wanted] = STARTS.find(([service]) => service === 'kibana') ?? expect.fail();
  const secrets = Object.fromEntries(Object.values(wanted).map((secret) => [secret, PASSWORD]));
  const { exitCode, variables } = await start(services[name] as ComposeService, program, secrets);
  expect(exitCode).toBe(0);
  expect(variables?.get('KIBANA_ENCRYPTION_KEY')).toBe(PASSWORD);
  expect(variables?.get('KIBANA_FORMER_ENCRYPTION_KEY')).toBe(`${PASSWORD}${PASSWORD}`);
});
