import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

const TARBALL = Buffer.from('the tarball of b');
const lockWith = (tarball: Buffer) =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/b': {
        version: '2.0.0',
        integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
      },
    },
  });

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = new Sandbox();
  sandbox.debian('bookworm');
  const packages = await tarOf({ '1.tgz': TARBALL });
  const manifest = Buffer.from('{"flavour":"embedded"}');
  writeFileSync(
    join(sandbox.clone, 'stack.tar'),
    await tarOf({ 'manifest.json': manifest, 'npm-packages.tar': packages, 'images.tar': Buffer.alloc(512) }),
  );
});
afterEach(() => sandbox.remove());

async function tarOf(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(files)) tar.entry({ name }, bytes);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

const up = (args: string[] = [], ARCHIVE = 'stack.tar') =>
  sandbox.run('scripts/up.sh', args, { env: { ARCHIVE } });

describe('make up with an archive', () => {
  it('loads its images, and brings the stack up with these', async () => {
    sandbox.withDocker();
    const run = await up(['--profile', 'core']);
    expect(run).toEqual({
      exitCode: 0,
      stdout: 'apictl up --images embedded --profile core',
      stderr:
        '[1/2] Loading the images of stack.tar\napictl images load stack.tar\n[2/2] Bringing the stack up',
    });
    expect(sandbox.calls('npm')).toEqual([]);
  });

  it('leaves the choice of images to whoever makes it', async () => {
    sandbox.withDocker();
    expect((await up(['--images', 'official'])).stdout).toBe('apictl up --images official');
  });

  it('takes npm packages out of it where they are missing, from a registry on the loopback', async () => {
    sandbox.withDocker().writeClone('package-lock.json', lockWith(TARBALL));
    const run = await up();
    expect(run).toMatchObject({ exitCode: 0, stdout: 'apictl up --images embedded' });
    expect(run.stderr.split('\n').filter((line) => line.startsWith('['))).toEqual([
      '[1/4] Installing npm packages',
      '[2/4] Building apictl and its services',
      '[3/4] Loading the images of stack.tar',
      '[4/4] Bringing the stack up',
    ]);
    expect(sandbox.calls('npm')[0]).toMatch(/^npm ci .*--registry=http:\/\/127\.0\.0\.1:\d+\/ /);
  });

  it('stops where it is of another version of the clone, before anything is installed', async () => {
    sandbox.withDocker().writeClone('package-lock.json', lockWith(Buffer.from('another')));
    const run = await up();
    expect(run.exitCode).toBe(8);
    expect(run.stderr).toContain('are not in it, as b@2.0.0');
    expect(sandbox.calls('npm')).toEqual([]);
  });

  it('stops where an image is refused, with the exit code of apictl', async () => {
    sandbox.withDocker().writeClone('bin/apictl.js', "if (process.argv[2] === 'images') process.exit(64);\n");
    const run = await up();
    expect(run.exitCode).toBe(64);
    expect(run.stderr).not.toContain('Bringing the stack up');
  });

  it('says where there is no such file', async () => {
    const run = await up([], 'none.tar');
    expect(run.exitCode).toBe(64);
    expect(run.stderr).toContain('there is no file none.tar: make it with "apictl images save FILE"');
    expect(sandbox.calls()).toEqual([]);
  });

  it('installs nothing to build images with, and says that an engine is not in it', async () => {
    sandbox.setState('apt-fails', 'E: Unable to fetch some archives\n');
    const run = await up();
    expect(run.exitCode).toBe(5);
    expect(run.stderr).toContain('[1/5] Installing Debian packages: docker.io\n');
    expect(run.stderr).toContain(
      'The archive holds images and npm packages, and no engine: install Docker Engine and Compose 2 first',
    );
  });
});
