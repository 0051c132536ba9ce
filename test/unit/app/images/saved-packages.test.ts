import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagesIn } from '../../../../scripts/offline/packages.mjs';
import { localArchiveFiles } from '../../../../src/adapters/archive-files.ts';
import { localFiles } from '../../../../src/adapters/files.ts';
import { loadImages } from '../../../../src/app/images/archive/load.ts';
import { saveImages } from '../../../../src/app/images/archive/save.ts';
import { FIRST_MEMBER, HEADER_BYTES } from '../../../../src/core/archive/layout.ts';
import type { Commands } from '../../../../src/core/ports/commands.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { fakeImage, imageTransfer } from '../../../fakes/image-transfer.ts';

const IMAGES = { 'apictl/backend:1f2e': fakeImage('the backend') };
/** What the registry has: tarballs by `name@version`. */
const REGISTRY = {
  'left@1.0.0': Buffer.from('the tarball of left'),
  '@scope/right@2.0.0': Buffer.alloc(70_000, 'right'),
};
const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

let folder = '';
let file = '';
let ran: (readonly string[])[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'apictl-packages-'));
  file = join(folder, 'out', 'stack.tar');
  mkdirSync(join(folder, 'out'));
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
  writeClone(lockOf());
  ran = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (id: keyof typeof REGISTRY, more: object = {}) => ({
  version: id.split('@').at(-1),
  integrity: integrityOf(REGISTRY[id]),
  ...more,
});
const lockOf = (more: object = {}) => ({
  packages: {
    '': { name: 'clone' },
    services: { name: 'inner', version: '0.1.0' },
    'node_modules/inner': { resolved: 'services', link: true },
    'node_modules/left': entry('left@1.0.0'),
    'node_modules/other/node_modules/left': entry('left@1.0.0'),
    'node_modules/@scope/right': entry('@scope/right@2.0.0'),
    ...more,
  },
});

function writeClone(lock: object, record: object = lock) {
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify(record));
}

/** `npm pack`, which puts a file of some name into a folder for each package. */
const npm = (registry: Readonly<Record<string, Buffer>> = REGISTRY): Commands => ({
  run: async (argv) => {
    ran.push(argv);
    const destination = argv[argv.indexOf('--pack-destination') + 1] ?? '';
    const ids = argv.filter((word) => /.@\d/.test(word));
    for (const [index, id] of ids.entries()) {
      const tarball = registry[id];
      if (tarball === undefined)
        return { exitCode: 1, stdout: '', stderr: `npm error code E404\nno ${id}\n` };
      writeFileSync(join(destination, `some-${index}.tgz`), tarball);
    }
    return { exitCode: 0, stdout: '', stderr: '' };
  },
  stream: () => {
    throw new Error('nothing is streamed');
  },
});

const world = (commands: Commands, transfer = imageTransfer(IMAGES)) => ({
  imageTransfer: transfer,
  archiveFiles: localArchiveFiles,
  files: { ...localFiles, disk: async () => null },
  commands,
  engine: {
    facts: async () => ({ osType: 'linux', architecture: 'x86_64', endpoint: 'unix:///x', dataFolder: '/x' }),
  } as never,
  packageRoot: folder,
  clock: fakeClock(),
  emit: () => {},
  signal: new AbortController().signal,
});

const save = (commands: Commands, withPackages = true) =>
  saveImages(world(commands), file, {
    flavour: 'embedded',
    references: Object.keys(IMAGES),
    withPackages,
  });

function packagesOfFile() {
  const opened = openSync(file, 'r');
  try {
    const machine = { os: 'linux', cpu: 'x64', libc: 'glibc' };
    return packagesIn(opened, fstatSync(opened).size, lockOf(), machine);
  } finally {
    closeSync(opened);
  }
}

it('takes the packages of the clone along, each once, as the script that installs them finds them', async () => {
  const result = await save(npm());
  expect(result).toMatchObject({ packages: 2, sizeBytes: readFileSync(file).length });
  expect(ran).toHaveLength(1);
  expect(ran[0]).toEqual(expect.arrayContaining(['--prefer-offline', '--ignore-scripts']));
  const bytes = readFileSync(file);
  expect(packagesOfFile().map(({ id, start, size }) => [id, bytes.subarray(start, start + size)])).toEqual(
    Object.entries(REGISTRY),
  );
  expect(readdirSync(join(folder, 'out'))).toEqual(['stack.tar']);
  const loaded = await loadImages(world(npm(), imageTransfer()), file);
  expect(loaded).toMatchObject({ packages: 2, images: [{ state: 'loaded' }] });
});

it('leaves optional packages of other machines away, which are not installed here', async () => {
  const other = {
    version: '1.0.0',
    integrity: integrityOf(Buffer.from('x')),
    optional: true,
    cpu: ['s390x'],
  };
  writeClone(lockOf({ 'node_modules/other': other }), lockOf());
  expect((await save(npm())).packages).toBe(2);
});

it('saves images alone where no packages are wanted, or apictl is no clone', async () => {
  expect((await save(npm(), false)).packages).toBeNull();
  rmSync(file);
  rmSync(join(folder, 'package-lock.json'));
  expect((await save(npm())).packages).toBeNull();
  expect(ran).toEqual([]);
  expect(packagesOfFile).toThrow('it holds no npm packages');
});

it.each<[string, () => Commands, RegExp]>([
  ['npm cannot get one', () => npm({ 'left@1.0.0': REGISTRY['left@1.0.0'] }), /npm cannot get the packages/],
  [
    'the registry has another package under that name',
    () => npm({ ...REGISTRY, 'left@1.0.0': Buffer.from('not left') }),
    /npm gave a package with another hash than package-lock.json has/,
  ],
  [
    'what is installed is not what the lock names',
    () => {
      const another = { version: '3.0.0', integrity: integrityOf(Buffer.from('3')) };
      writeClone(lockOf({ 'node_modules/new': another }), lockOf());
      return npm();
    },
    /are not those of its package-lock.json/,
  ],
  [
    'nothing is installed',
    () => {
      rmSync(join(folder, 'node_modules/.package-lock.json'));
      return npm();
    },
    /are not those of its package-lock.json/,
  ],
])('saves nothing where %s', async (_what, prepare, message) => {
  const failure = { code: 'NPM_PACKAGES_MISSING', exitCode: 5, message: expect.stringMatching(message) };
  await expect(save(prepare())).rejects.toMatchObject(failure);
  expect(readdirSync(join(folder, 'out'))).toEqual([]);
});

it('refuses to load where a package was changed on the way', async () => {
  await save(npm());
  const bytes = readFileSync(file);
  const at = FIRST_MEMBER + 2 * HEADER_BYTES + 3;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const engine = imageTransfer();
  await expect(loadImages(world(npm(), engine), file)).rejects.toMatchObject({
    code: 'IMAGES_DAMAGED',
    message: expect.stringContaining('npm-packages.tar has another SHA-256'),
  });
  expect(engine.loads).toEqual([]);
  expect(existsSync(file)).toBe(true);
});
