import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../../src/adapters/files.ts';
import { cacheFiles } from '../../../../src/app/project/cache-files.ts';
import { loadProject } from '../../../../src/app/project/project.ts';
import { expectedServices } from '../../../../src/app/render/expected-services.ts';
import { readEarlierRuns, writeEarlierRuns } from '../../../../src/app/up/earlier-runs.ts';
import type { Event } from '../../../../src/core/events.ts';
import { lockText } from '../../../../src/stack/images/lock.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';

let root: string;
let events: Event[];
let files: ReturnType<typeof cacheFiles>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'apictl-cache-'));
  events = [];
  files = cacheFiles({ files: localFiles, clock: fakeClock(), emit: (event) => events.push(event) });
});
afterEach(() => rm(root, { recursive: true }));

/** What may lie in the place of a file of `.apictl` after a crash, a full disk, or a start by Docker. */
const HARMS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'nothing at all': async () => {},
  'an empty file': (path) => writeFile(path, ''),
  'half of a document': (path) => writeFile(path, '{"a": {"b":'),
  'zero bytes': (path) => writeFile(path, Buffer.alloc(100)),
  'a document of another shape': (path) => writeFile(path, '[{"version": 99}, 1]'),
  'a folder with something in it': async (path) => {
    await mkdir(path);
    await writeFile(join(path, 'kept'), '');
  },
};

describe.each(Object.keys(HARMS))('%s in the place of every file of .apictl', (harm) => {
  beforeEach(async () => {
    await mkdir(join(root, '.apictl'));
    for (const name of ['compose.yaml', 'services.json', 'timings', 'loaded.json'])
      await HARMS[harm]?.(join(root, '.apictl', name));
    await writeFile(join(root, 'images.lock'), lockText({}));
  });

  it('means that nothing is known of earlier runs, and no command fails of it', async () => {
    const world = { files: localFiles, environment: {}, workingFolder: root };
    const project = await loadProject(world, {});
    expect(await expectedServices(world, project)).toEqual({ services: [], leftOut: [], isKnown: false });
    expect(await readEarlierRuns(files, root)).toEqual(new Map());
  });

  it('does not stand in the way of what is written next', async () => {
    const seen = new Map([['kong', { bootMs: 500, passed: null }]]);
    await writeEarlierRuns(files, root, new Map(), seen);
    expect(await readEarlierRuns(files, root)).toEqual(seen);
  });
});

it('puts a folder aside with all that is in it, and says so', async () => {
  const path = join(root, 'timings');
  await HARMS['a folder with something in it']?.(path);
  await files.write(path, '{}');
  const aside = 'timings.corrupt-1970-01-01T000000.000Z';
  expect(await readdir(root)).toEqual(['timings', aside]);
  expect(await readdir(join(root, aside))).toEqual(['kept']);
  expect(events).toEqual([
    {
      type: 'warning',
      text: `${path} was a folder, not a file: it is put aside as ${join(root, aside)}`,
    },
  ]);
});
