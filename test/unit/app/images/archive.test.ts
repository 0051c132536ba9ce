import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localArchiveFiles } from '../../../../src/adapters/archive-files.ts';
import { localFiles } from '../../../../src/adapters/files.ts';
import { loadImages } from '../../../../src/app/images/archive/load.ts';
import { saveImages } from '../../../../src/app/images/archive/save.ts';
import { FIRST_MEMBER, HEADER_BYTES, headerOf, manifestText } from '../../../../src/core/archive/layout.ts';
import { MemberWriter } from '../../../../src/core/archive/write.ts';
import { ApictlError } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import type { Commands } from '../../../../src/core/ports/commands.ts';
import type { DiskFacts } from '../../../../src/core/ports/files.ts';
import type { ImageManifest } from '../../../../src/stack/images/saved/model.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import {
  type FakeTransfer,
  fakeImage,
  imageTransfer,
  type StreamEntry,
  streamEntries,
  streamOf,
} from '../../../fakes/image-transfer.ts';
import { scriptedCommands } from '../../../fakes/scripted-commands.ts';

const KONG = fakeImage('kong, in its layers '.repeat(20_000), {
  digests: [`kong@sha256:${'c'.repeat(64)}`],
});
const BACKEND = fakeImage('the backend');
const IMAGES = { 'kong:3.8.0': KONG, 'apictl/backend:1f2e': BACKEND };
const REFERENCES = Object.keys(IMAGES);

let folder = '';
let file = '';
let events: Event[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'apictl-images-'));
  file = join(folder, 'images.tar');
  events = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly architecture?: string;
  readonly disk?: DiskFacts;
  readonly abort?: AbortController;
  readonly npm?: Commands;
  readonly packageRoot?: string;
}

const worldOf = (transfer: FakeTransfer, given: Given = {}) => ({
  imageTransfer: transfer,
  archiveFiles: localArchiveFiles,
  files: {
    ...localFiles,
    disk: async () => given.disk ?? { mountPoint: '/', freeBytes: 2 ** 40, totalBytes: 2 ** 41 },
    read: async (path: string) =>
      path.endsWith('/package.json') ? Buffer.from('{"version":"1.2.3"}') : localFiles.read(path),
  },
  engine: {
    facts: async () => ({
      osType: 'linux',
      architecture: given.architecture ?? 'x86_64',
      endpoint: 'unix:///var/run/docker.sock',
      dataFolder: '/var/lib/docker',
    }),
  } as never,
  commands: given.npm ?? scriptedCommands({ answers: {} }),
  packageRoot: given.packageRoot ?? folder,
  clock: fakeClock(),
  emit: (event: Event) => void events.push(event),
  signal: (given.abort ?? new AbortController()).signal,
});

const save = (transfer: FakeTransfer, given: Given = {}, references: readonly string[] = REFERENCES) =>
  saveImages(worldOf(transfer, given), file, { flavour: 'official', references, withPackages: true });
const load = (transfer: FakeTransfer, given: Given = {}) => loadImages(worldOf(transfer, given), file);

/** An archive of this stream, whole by its manifest, whatever the stream is. */
async function archiveOf(entries: readonly StreamEntry[], given: Partial<ImageManifest> = {}) {
  const createdAt = '2026-11-26T15:04:12.345Z';
  const created = await localArchiveFiles.create(`${file}.unfinished`);
  const writer = new MemberWriter(created, createdAt);
  await writer.write('images.tar', streamOf(entries));
  const manifest = {
    format: 1,
    apictl: '1.2.3',
    createdAt,
    flavour: 'official',
    platform: 'linux/amd64',
    images: REFERENCES.map((reference) => ({
      ...{ reference, id: reference === 'kong:3.8.0' ? KONG.id : BACKEND.id },
      ...{ digest: null, sizeBytes: 1 },
    })),
    members: writer.members,
    ...given,
  };
  await writer.finish(file, manifest);
}

const refused = async (change: (bytes: Buffer) => Buffer | undefined, whole: Buffer) => {
  const copy = Buffer.from(whole);
  writeFileSync(file, change(copy) ?? copy);
  const empty = imageTransfer();
  await expect(load(empty)).rejects.toMatchObject({
    code: expect.stringMatching(/^IMAGES_(DAMAGED|HOSTILE)$/),
    exitCode: 64,
  });
  expect(empty.loads).toEqual([]);
};

describe('images save', () => {
  it('writes every image and what it is into one file that others may read', async () => {
    const transfer = imageTransfer(IMAGES);
    const result = await save(transfer);
    expect(result).toMatchObject({ file, flavour: 'official', platform: 'linux/amd64' });
    expect(result.images).toEqual([
      {
        ...{ reference: 'kong:3.8.0', id: KONG.id, digest: `sha256:${'c'.repeat(64)}` },
        sizeBytes: KONG.sizeBytes,
      },
      {
        reference: 'apictl/backend:1f2e',
        id: BACKEND.id,
        digest: null,
        sizeBytes: BACKEND.sizeBytes,
      },
    ]);
    expect(transfer.saves).toEqual([REFERENCES]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(result.sizeBytes).toBe(statSync(file).size);
    expect(readdirSync(folder)).toEqual(['images.tar']);
  });

  it('is an ordinary tar file: the manifest, and what the engine wrote', async () => {
    await save(imageTransfer(IMAGES));
    const names: string[] = [];
    const parser = extract();
    parser.end(readFileSync(file));
    for await (const entry of parser) {
      names.push(entry.header.name);
      entry.resume();
    }
    expect(names).toEqual(['manifest.json', 'images.tar']);
  });

  it('never overwrites a file', async () => {
    writeFileSync(file, 'mine');
    await expect(save(imageTransfer(IMAGES))).rejects.toMatchObject({
      code: 'IMAGES_FILE_EXISTS',
      exitCode: 64,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('does not overwrite a file that came meanwhile either', async () => {
    const transfer = imageTransfer(IMAGES, (images) => {
      writeFileSync(file, 'mine');
      return streamOf(streamEntries(images));
    });
    await expect(save(transfer)).rejects.toMatchObject({ code: 'IMAGES_FILE_EXISTS', exitCode: 64 });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['images.tar']);
  });

  it('leaves alone what another save is writing', async () => {
    writeFileSync(join(folder, '.images.tar.unfinished'), 'half');
    await expect(save(imageTransfer(IMAGES))).rejects.toMatchObject({
      code: 'IMAGES_SAVE_UNFINISHED',
      exitCode: 64,
    });
    expect(readdirSync(folder)).toEqual(['.images.tar.unfinished']);
  });

  it('makes no folder', async () => {
    file = join(folder, 'none', 'images.tar');
    await expect(save(imageTransfer(IMAGES))).rejects.toMatchObject({
      code: 'IMAGES_FOLDER_MISSING',
      exitCode: 64,
    });
  });

  it('names every image that is missing, and what makes it', async () => {
    const { 'kong:3.8.0': kong } = IMAGES;
    await expect(save(imageTransfer({ 'kong:3.8.0': kong }))).rejects.toMatchObject({
      code: 'IMAGES_MISSING',
      exitCode: 5,
      details: ['apictl/backend:1f2e'],
      hint: 'Run "apictl images pull" and "apictl images build" first.',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses an image that is named by a digest', async () => {
    const reference = `mine@sha256:${'a'.repeat(64)}`;
    await expect(save(imageTransfer(), {}, [reference])).rejects.toMatchObject({
      code: 'IMAGES_BY_DIGEST',
      exitCode: 64,
    });
  });

  it('refuses a disk that is too small, with the numbers', async () => {
    const disk = { mountPoint: '/media/stick', freeBytes: 1024, totalBytes: 4096 };
    await expect(save(imageTransfer(IMAGES), { disk })).rejects.toMatchObject({
      code: 'DISK_LOW',
      exitCode: 8,
      message: expect.stringMatching(/are free on \/media\/stick.*are wanted/),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing when it is interrupted', async () => {
    const abort = new AbortController();
    const transfer = imageTransfer(IMAGES, (_images, signal) => {
      // As an answer of the engine whose request is taken back.
      const answer: Readable = new Readable({
        read: () => {
          answer.push(Buffer.alloc(2 * 1024 * 1024, 'x'));
          abort.abort('SIGINT');
        },
      });
      signal.addEventListener('abort', () => answer.destroy(new Error('aborted')));
      return answer;
    });
    await expect(save(transfer, { abort })).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing when the disk fills up all the same', async () => {
    const world = worldOf(imageTransfer(IMAGES));
    const full = new ApictlError({ code: 'DISK_FULL', exitCode: 8, message: 'full' });
    const archiveFiles = {
      ...localArchiveFiles,
      create: async (...given: Parameters<typeof localArchiveFiles.create>) => ({
        ...(await localArchiveFiles.create(...given)),
        write: () => Promise.reject(full),
      }),
    };
    const request = { flavour: 'official', references: REFERENCES, withPackages: false } as const;
    await expect(saveImages({ ...world, archiveFiles }, file, request)).rejects.toBe(full);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['ends early', (bytes: Buffer) => bytes.subarray(0, 100_000)],
    [
      'ends with the words of a failure',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 2048), Buffer.from('{"error":"no space"}')]),
    ],
    ['is empty', () => Buffer.alloc(0)],
  ])('saves nothing where the engine’s stream %s', async (_what, cut) => {
    const transfer = imageTransfer(IMAGES, (images) =>
      Readable.from(
        (async function* () {
          const pieces: Buffer[] = [];
          for await (const piece of streamOf(streamEntries(images))) pieces.push(piece as Buffer);
          yield cut(Buffer.concat(pieces));
        })(),
        { objectMode: false },
      ),
    );
    await expect(save(transfer)).rejects.toMatchObject({ code: 'IMAGES_SAVE_FAILED', exitCode: 5 });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('images load', () => {
  it('gives an engine what another one had, and says what it is', async () => {
    await save(imageTransfer(IMAGES));
    const other = imageTransfer();
    const result = await load(other);
    expect(result.images.map(({ reference, id, state }) => [reference, id, state])).toEqual([
      ['kong:3.8.0', KONG.id, 'loaded'],
      ['apictl/backend:1f2e', BACKEND.id, 'loaded'],
    ]);
    expect([...other.present.keys()]).toEqual(REFERENCES);
    expect(events.some(({ type }) => type === 'warning')).toBe(false);
  });

  it('loads nothing a second time', async () => {
    await save(imageTransfer(IMAGES));
    const other = imageTransfer();
    await load(other);
    const again = await load(other);
    expect(again.images.map(({ state }) => state)).toEqual(['present', 'present']);
    expect(other.loads).toHaveLength(1);
  });

  it('loads what stands under the same name with another content', async () => {
    await save(imageTransfer(IMAGES));
    const other = imageTransfer({ ...IMAGES, 'kong:3.8.0': fakeImage('another kong') });
    const result = await load(other);
    expect(result.images.map(({ state }) => state)).toEqual(['loaded', 'present']);
    expect(other.present.get('kong:3.8.0')?.id).toBe(KONG.id);
  });

  it('says where there is no file', async () => {
    await expect(load(imageTransfer())).rejects.toMatchObject({ code: 'IMAGES_FILE_MISSING', exitCode: 64 });
  });

  it('refuses a file wherever it ends, and loads nothing', async () => {
    await save(imageTransfer(IMAGES));
    const whole = readFileSync(file);
    const lengths = [0, 1, 511, 512, 40_000, FIRST_MEMBER, FIRST_MEMBER + 512, whole.length - 1024];
    for (const length of [...lengths, whole.length - 512, whole.length - 1])
      await refused((bytes) => bytes.subarray(0, length), whole);
    await refused((bytes) => Buffer.concat([bytes, Buffer.alloc(512)]), whole);
  });

  it('refuses a file for one bit, wherever it is, and loads nothing', async () => {
    await save(imageTransfer(IMAGES));
    const whole = readFileSync(file);
    const places = [0, 130, HEADER_BYTES + 3, HEADER_BYTES + 60_000, FIRST_MEMBER + 5, FIRST_MEMBER + 512];
    for (const at of [...places, FIRST_MEMBER + 512 + 2000, whole.length - 5_000, whole.length - 3]) {
      await refused((bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return undefined;
      }, whole);
    }
  });

  it('names the member that was changed', async () => {
    await save(imageTransfer(IMAGES));
    const bytes = readFileSync(file);
    bytes[FIRST_MEMBER + 200_000] = (bytes[FIRST_MEMBER + 200_000] ?? 0) ^ 4;
    writeFileSync(file, bytes);
    await expect(load(imageTransfer())).rejects.toThrow('images.tar has another SHA-256');
  });

  it('refuses what a newer apictl wrote, with both versions', async () => {
    await archiveOf(streamEntries(IMAGES));
    const bytes = readFileSync(file);
    manifestText({ format: 3, apictl: '9.1.0' }).copy(bytes, HEADER_BYTES);
    writeFileSync(file, bytes);
    await expect(load(imageTransfer())).rejects.toMatchObject({
      code: 'IMAGES_UNFIT',
      exitCode: 64,
      hint: 'Use apictl 9.1.0 or newer.',
    });
  });

  it('refuses images of another processor, with both', async () => {
    await save(imageTransfer(IMAGES));
    await expect(load(imageTransfer(), { architecture: 'aarch64' })).rejects.toMatchObject({
      code: 'IMAGES_UNFIT',
      exitCode: 64,
      message: expect.stringContaining('run on linux/amd64, and this engine is linux/arm64'),
    });
  });

  it('refuses a disk of the engine that is too small', async () => {
    await save(imageTransfer(IMAGES));
    const disk = { mountPoint: '/var', freeBytes: 1024, totalBytes: 4096 };
    await expect(load(imageTransfer(), { disk })).rejects.toMatchObject({ code: 'DISK_LOW', exitCode: 8 });
  });

  it('warns of an archive of another apictl', async () => {
    await archiveOf(streamEntries(IMAGES), { apictl: '1.0.0' });
    await load(imageTransfer());
    expect(events).toContainEqual({
      type: 'warning',
      text: expect.stringContaining('was made by apictl 1.0.0, and this is 1.2.3'),
    });
  });

  it('fails where the engine has something else afterwards', async () => {
    await save(imageTransfer(IMAGES));
    const other = imageTransfer();
    const careless = {
      ...other,
      load: async (...given: Parameters<FakeTransfer['load']>) => {
        await other.load(...given);
        other.present.set('kong:3.8.0', fakeImage('another kong'));
      },
    };
    await expect(load(careless)).rejects.toMatchObject({
      code: 'IMAGES_UNVERIFIED',
      exitCode: 5,
      object: 'image kong:3.8.0',
    });
  });
});

describe('an archive of somebody who wishes harm', () => {
  const whole = streamEntries(IMAGES);

  it.each<[string, StreamEntry]>([
    ['a path out of the folder', { name: '../../etc/cron.d/x', text: 'x' }],
    ['an absolute path', { name: '/etc/passwd', text: 'x' }],
    ['a link out of the folder', { name: 'a/layer.tar', type: 'symlink', linkname: '../../../etc/shadow' }],
    ['an absolute link', { name: 'layer.tar', type: 'symlink', linkname: '/etc/shadow' }],
    ['a hard link', { name: 'layer.tar', type: 'link', linkname: 'manifest.json' }],
    ['a device', { name: 'disk', type: 'block-device' }],
    ['a pipe', { name: 'pipe', type: 'fifo' }],
    ['a file that runs as its owner', { name: 'sh', mode: 0o4755, text: 'x' }],
    ['a second list of images', { name: './manifest.json', text: '[]' }],
    [
      'an image that only newer engines would see',
      {
        name: 'index.json',
        text: JSON.stringify({
          manifests: [{ annotations: { 'io.containerd.image.name': 'docker.io/library/postgres:13' } }],
        }),
      },
    ],
  ])('is refused for %s, and nothing is loaded', async (_what, entry) => {
    await archiveOf([...whole, entry]);
    const engine = imageTransfer();
    await expect(load(engine)).rejects.toMatchObject({ code: 'IMAGES_HOSTILE', exitCode: 64 });
    expect(engine.loads).toEqual([]);
  });

  it('is refused for an image that it does not speak of', async () => {
    await archiveOf(streamEntries({ ...IMAGES, 'postgres:13': fakeImage('not from here') }));
    await expect(load(imageTransfer())).rejects.toMatchObject({
      code: 'IMAGES_HOSTILE',
      message: expect.stringContaining('postgres:13, of which its manifest does not speak'),
    });
  });

  it('is refused without an image, without its list, without a layer', async () => {
    for (const entries of [
      streamEntries({ 'kong:3.8.0': KONG }),
      whole.filter(({ name }) => name !== 'manifest.json'),
      whole.filter(({ name }) => !name.endsWith('layer.tar')),
    ]) {
      rmSync(file, { force: true });
      await archiveOf(entries);
      await expect(load(imageTransfer())).rejects.toMatchObject({ code: 'IMAGES_DAMAGED', exitCode: 64 });
    }
  });

  it('is refused where a link stands for its stream', async () => {
    await save(imageTransfer(IMAGES));
    const bytes = readFileSync(file);
    const size = bytes.length - FIRST_MEMBER - HEADER_BYTES - 1024;
    const header = await headerOf('images.tar', size, new Date(0).toISOString());
    header.write('2', 156);
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    header.copy(bytes, FIRST_MEMBER);
    writeFileSync(file, bytes);
    await expect(load(imageTransfer())).rejects.toMatchObject({ code: 'IMAGES_HOSTILE' });
  });
});
