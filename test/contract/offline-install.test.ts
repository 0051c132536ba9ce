import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = fileURLToPath(new URL('../../scripts/offline', import.meta.url));

/** Runs a program where there is no interface but the loopback. */
const INSIDE = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'inside'];
const { exitCode } = await execa(INSIDE[0] ?? '', [...INSIDE.slice(1), 'true'], { reject: false });
/** Elsewhere what the environment says of a registry and a proxy leads nowhere, and that has to do. */
const ALONE = exitCode === 0 ? INSIDE : ['env'];

let clone = '';
let archive = '';
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'apictl-offline-'));
  archive = join(clone, 'stack.tar');
  mkdirSync(join(clone, '.run'));
  cpSync(SCRIPTS, join(clone, 'scripts/offline'), { recursive: true });
});
afterEach(() => rmSync(clone, { recursive: true }));

interface Entry extends Partial<Header> {
  readonly name: string;
  readonly bytes?: Buffer;
}

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { bytes, ...header } of entries) tar.entry(header as Header, bytes ?? '');
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

const tarballOf = async (name: string, more: object = {}): Promise<Buffer> =>
  gzipSync(
    await tarOf([
      {
        name: 'package/package.json',
        bytes: Buffer.from(JSON.stringify({ name, version: '1.0.0', ...more })),
      },
      { name: 'package/index.js', bytes: Buffer.from(`module.exports = '${name}';\n`) },
    ]),
  );

const integrityOf = (tarball: Buffer): string =>
  `sha512-${createHash('sha512').update(tarball).digest('base64')}`;

/** A clone that depends on these, the ones named in `optional` only on that processor. */
function writeClone(
  tarballs: Readonly<Record<string, Buffer>>,
  optional: Readonly<Record<string, string>> = {},
) {
  const names = Object.keys(tarballs);
  const of = (wanted: (name: string) => boolean) =>
    Object.fromEntries(names.filter(wanted).map((name) => [name, '1.0.0']));
  const root = {
    name: 'clone',
    version: '1.0.0',
    dependencies: of((name) => !(name in optional)),
    optionalDependencies: of((name) => name in optional),
  };
  const entries = names.map((name) => [
    `node_modules/${name}`,
    {
      version: '1.0.0',
      integrity: integrityOf(tarballs[name] ?? Buffer.alloc(0)),
      ...(name in optional ? { optional: true, cpu: [optional[name]] } : {}),
    },
  ]);
  writeFileSync(join(clone, 'package.json'), JSON.stringify(root));
  const packages = { '': root, ...Object.fromEntries(entries) };
  writeFileSync(
    join(clone, 'package-lock.json'),
    JSON.stringify({ name: 'clone', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
  );
}

async function writeArchive(entries: readonly Entry[]): Promise<void> {
  const packages = await tarOf(entries);
  writeFileSync(
    archive,
    await tarOf([
      { name: 'manifest.json', bytes: Buffer.from('{}') },
      { name: 'npm-packages.tar', bytes: packages },
      { name: 'images.tar', bytes: Buffer.alloc(2048) },
    ]),
  );
}

const packed = (tarballs: readonly Buffer[]) =>
  tarballs.map((bytes, index) => ({ name: `${index + 1}.tgz`, bytes }));

const install = () =>
  execa(ALONE[0] ?? '', [...ALONE.slice(1), process.execPath, 'scripts/offline/install.mjs', 'stack.tar'], {
    cwd: clone,
    reject: false,
    // Nobody answers there: whoever asked would fail.
    env: { HOME: clone, http_proxy: 'http://127.0.0.1:9', npm_config_registry: 'http://127.0.0.1:9' },
  });

async function refusal(): Promise<string> {
  const { exitCode, stderr } = await install();
  expect(exitCode).toBe(1);
  expect(existsSync(join(clone, 'node_modules'))).toBe(false);
  expect(readdirSync(join(clone, '.run'))).toEqual([]);
  return stderr;
}

describe('the npm packages of an archive', () => {
  it('are all that npm needs, without a network and with nothing in its cache', async () => {
    const tarballs = { 'a-one': await tarballOf('a-one'), '@scope/two': await tarballOf('@scope/two') };
    writeClone(tarballs);
    const lock = readFileSync(join(clone, 'package-lock.json'));
    await writeArchive(packed(Object.values(tarballs)));
    const { exitCode, stderr } = await install();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const name of Object.keys(tarballs))
      expect(readFileSync(join(clone, 'node_modules', name, 'index.js'), 'utf8')).toContain(name);
    expect(readFileSync(join(clone, 'package-lock.json'))).toEqual(lock);
    expect(readdirSync(join(clone, '.run'))).toEqual([]);
  });

  it('may lack what is for other processors, and not what is for this one', async () => {
    const tarballs = { main: await tarballOf('main'), native: await tarballOf('native', { cpu: ['s390x'] }) };
    writeClone(tarballs, { native: 's390x' });
    await writeArchive(packed([tarballs.main]));
    expect((await install()).exitCode).toBe(0);
    rmSync(join(clone, 'node_modules'), { recursive: true });
    writeClone(tarballs, { native: process.arch });
    expect(await refusal()).toContain('are not in it, as native@1.0.0');
  });

  it('are refused where one is not what the lock names, and npm is not called', async () => {
    const tarball = await tarballOf('main');
    writeClone({ main: tarball });
    tarball[tarball.length - 1] = (tarball.at(-1) ?? 0) ^ 1;
    await writeArchive(packed([tarball]));
    expect(await refusal()).toMatch(
      /^stack\.tar cannot be used: 1 of the npm packages .* as main@1\.0\.0: it was saved from another version/,
    );
  });

  it('are known by their hashes: what else lies in the archive goes nowhere', async () => {
    const tarball = await tarballOf('main');
    writeClone({ main: tarball });
    const other = await tarballOf('other');
    await writeArchive([...packed([tarball]), { name: '../../../../tmp/x.tgz', bytes: other }]);
    expect((await install()).exitCode).toBe(0);
    expect(readdirSync(join(clone, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'main',
    ]);
  });

  it.each<[string, Entry]>([
    ['a link', { name: 'x.tgz', type: 'symlink', linkname: '/etc/shadow' }],
    ['a device', { name: 'x.tgz', type: 'block-device' }],
    ['a folder', { name: 'x/', type: 'directory' }],
  ])('are refused with %s among them', async (_what, entry) => {
    const tarball = await tarballOf('main');
    writeClone({ main: tarball });
    await writeArchive([entry, ...packed([tarball])]);
    expect(await refusal()).toMatch(/"x.*" in it is no plain file/);
  });

  it('are refused wherever the file ends', async () => {
    const tarball = await tarballOf('main');
    writeClone({ main: tarball });
    await writeArchive(packed([tarball]));
    const whole = readFileSync(archive);
    for (const length of [0, 100, 512, 1024, 1536, 1600, 2100, 2560]) {
      writeFileSync(archive, whole.subarray(0, length));
      expect(await refusal()).toMatch(/^stack\.tar cannot be used: /);
    }
  });

  it('are missing where none went along, which is said', async () => {
    writeClone({ main: await tarballOf('main') });
    writeFileSync(
      archive,
      await tarOf([
        { name: 'manifest.json', bytes: Buffer.from('{}') },
        { name: 'images.tar', bytes: Buffer.from('x') },
      ]),
    );
    expect(await refusal()).toContain('it holds no npm packages: it was saved by an installed apictl');
    writeFileSync(archive, await tarOf([{ name: 'else', bytes: Buffer.from('x') }]));
    expect(await refusal()).toContain('it is no archive of "apictl images save"');
  });
});
