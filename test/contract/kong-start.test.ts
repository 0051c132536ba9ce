import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { listAt, mapAt } from '../../src/stack/render/compose-tree.ts';
import { packagedFragments, renderDefault } from '../unit/stack/render/matrix.ts';

/** The command that starts a published Kong, run as it is rendered, with what it finds in its image in a folder of the test. */

const run = promisify(execFile);
const config = configSchema.parse({ ports: { manager: 18002 } });
const { kong } = renderDefault(await packagedFragments(), { config, flavour: 'official' }).compose.services;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-kong-start-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['bin', 'tmp', 'secrets']) await mkdir(join(folder, name));
  const program = async (path: string, text: string): Promise<void> => {
    await writeFile(join(folder, path), `#!/bin/bash\n${text}\n`);
    await chmod(join(folder, path), 0o755);
  };
  await program('bin/getent', 'echo "172.30.0.2     STREAM kong-admin"');
  await program('entrypoint', 'echo "$@"; env');
  await writeFile(join(folder, 'secrets/postgres-password'), 'hunter2');
});

/** What the image's entrypoint is started with. */
async function start(): Promise<string> {
  const [script = ''] = listAt(kong ?? {}, 'command').map(String);
  const here = script
    // As Compose does with what is rendered for it.
    .replaceAll('$$', '$')
    .replaceAll('/tmp/', `${join(folder, 'tmp')}/`)
    .replaceAll('/run/secrets', join(folder, 'secrets'))
    .replaceAll('/docker-entrypoint.sh', join(folder, 'entrypoint'));
  const env = { PATH: `${folder}/bin:${process.env.PATH}`, ...mapAt(kong ?? {}, 'environment') };
  return (await run('bash', ['--norc', '-ec', here], { env: env as NodeJS.ProcessEnv })).stdout;
}

it('listens for administration where no backend is', async () => {
  const said = await start();
  expect(said).toMatch(/^kong docker-start\n/);
  expect(said).toContain('KONG_ADMIN_LISTEN=172.30.0.2:8001, 172.30.0.2:8444 http2 ssl\n');
});

it('has nginx refuse what a page of another origin sends to the Admin API', async () => {
  const file = /^KONG_NGINX_ADMIN_INCLUDE=(.*)$/m.exec(await start())?.[1] ?? '';
  // What these lines do was tried with Debian's nginx 1.22.
  expect(await readFile(file, 'utf8')).toBe(`set $foreign_page $http_origin;
if ($http_origin = "http://127.0.0.1:18002") { set $foreign_page ""; }
if ($foreign_page) { return 403; }
`);
});

it('does not start without the secret', async () => {
  await writeFile(join(folder, 'secrets/postgres-password'), '');
  await expect(start()).rejects.toThrow('the secret postgres-password is missing or empty');
});
