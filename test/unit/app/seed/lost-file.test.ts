import { beforeEach, describe, expect, it } from 'vitest';
import { seedTasks } from '../../../../src/app/up/seed-task.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { EXIT } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import { runCommand } from '../../../fakes/command-line.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { type FakeKong, fakeKong } from '../../../fakes/fake-kong.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { declaring } from '../../../fakes/seed-run.ts';

/** A project whose `kong/kong.yaml` went missing after it was seeded: what is in Kong stays. */

const many = (names: readonly string[]) => names.map((name) => `{ name: ${name}, host: h.test }`).join(', ');
const PACKAGED = `services: [${many(['a', 'b', 'c', 'd', 'e'])}]\nupstreams: [{ name: backend }]`;

let kong: FakeKong;
let events: Event[];

beforeEach(() => {
  kong = fakeKong();
  events = [];
});

const worldOf = (files: Readonly<Record<string, string>>) => ({
  http: kong.http,
  clock: fakeClock(),
  files: memoryFiles({ '/installed/kong/kong.yaml': declaring(PACKAGED), ...files }),
  packageRoot: '/installed',
  workingFolder: '/shop',
  lock: { take: async () => ({ fd: 3, release: () => {} }) },
  environment: {},
  signal: new AbortController().signal,
});

const OWN = {
  '/shop/kong/kong.yaml': declaring(`${PACKAGED.replace('}]', '}, { name: shop, host: h.test }]')}`),
};
const apictl = (files: Readonly<Record<string, string>>, ...words: string[]) =>
  runCommand(worldOf(files), ...words);

/** The seeding as `up` does it. */
const seedOfUp = async (files: Readonly<Record<string, string>>, replicas = 3) => {
  const config = configSchema.parse({ backends: { replicas } });
  const world = { ...worldOf(files), emit: (event: Event) => void events.push(event) };
  const project = { root: '/shop', config, dotenv: {} };
  const [task] = seedTasks(world as Partial<World> as World, project, [
    { name: 'kong', dependsOn: [], isJob: false },
  ]);
  await task?.run(world.signal);
};

describe('the packaged state', () => {
  it('deletes nothing that a file now missing has declared', async () => {
    expect((await apictl(OWN, 'seed')).exitCode).toBe(0);
    const before = kong.writes();
    const { exitCode, error } = await apictl({}, 'seed');
    expect({ exitCode, code: error?.code, details: error?.details }).toEqual({
      exitCode: EXIT.usage,
      code: 'SEED_FILE_MISSING',
      details: ['would delete service shop'],
    });
    await expect(seedOfUp({})).rejects.toMatchObject({ code: 'SEED_FILE_MISSING' });
    expect(kong.writes()).toEqual(before);
  });

  it('does so where it is asked to', async () => {
    await apictl(OWN, 'seed');
    const { stdout } = await apictl({}, 'seed', '--allow-mass-delete');
    expect(stdout).toContain('0 created, 0 updated, 1 deleted');
  });

  it('follows the number of backends', async () => {
    await seedOfUp({}, 3);
    await seedOfUp({}, 2);
    expect(events.at(-2)).toMatchObject({ type: 'step.done', text: '1 deleted' });
  });
});

describe('the line of up', () => {
  it('says what was written, and nothing more where Kong was as declared', async () => {
    await seedOfUp(OWN);
    await seedOfUp(OWN);
    const done = events.filter(({ type }) => type === 'step.done');
    expect(done).toMatchObject([{ step: 'seed Kong', text: '10 created' }, { step: 'seed Kong' }]);
    expect(done[1]).not.toHaveProperty('text');
  });
});
