import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleOf, installPackage, type PackageUser } from '../support/package.ts';

let user: PackageUser;
const name = `e2e-library-${process.pid}`;
beforeAll(async () => {
  user = await installPackage();
  await mkdir(join(user.folder, 'stack'));
  // Away from the ports of a stack that somebody has up.
  await writeFile(join(user.folder, 'stack', 'apictl.yaml'), 'ports: { shift: 30000 }\n');
});
afterAll(() => user.remove());

it('the example of docs/library.md runs with the installed package, and leaves nothing behind', async () => {
  const example = await exampleOf('library.md', 'ts');
  await writeFile(join(user.folder, 'example.mts'), example.replace("'shop-tests'", `'${name}'`));
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const { stdout, stderr } = await execa(process.execPath, ['--import', tsx, 'example.mts'], {
    cwd: user.folder,
    reject: false,
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^all well after [\d.]+ s$/);
  const label = `label=com.docker.compose.project=${name}`;
  for (const kind of [
    ['ps', '-aq'],
    ['volume', 'ls', '-q'],
    ['network', 'ls', '-q'],
  ])
    expect((await execa('docker', [...kind, '--filter', label])).stdout).toBe('');
});
