import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { healDoors } from '../../../../src/app/certs/heal.ts';
import { staleInside } from '../../../../src/app/certs/inside.ts';
import type { World } from '../../../../src/app/world.ts';
import { certificatePath } from '../../../../src/certs/model.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import type { ContainerSummary } from '../../../../src/core/ports/engine.ts';
import { summary } from '../../../fakes/containers.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const root = '/srv';
const project = (internal: boolean) => ({
  root,
  config: configSchema.parse({ tls: { internal } }),
  dotenv: {},
});
const RUNNING = [summary({ service: 'postgres' })];

/** PostgreSQL goes on with a folder that was replaced as a whole, until it is started again. */
function machine(seen: string | null) {
  const log: string[] = [];
  let inside = seen;
  const engine = {
    containers: async (): Promise<ContainerSummary[]> => [...RUNNING],
    exec: async (_id: string, argv: readonly string[]) => {
      log.push(argv.join(' '));
      if (inside === null) return { exitCode: 1, output: 'no such file' };
      const hash = createHash('sha256').update(inside).digest('hex');
      return { exitCode: 0, output: `${hash}  ${argv[1]}` };
    },
    stop: async (id: string) => void log.push(`stop ${id}`),
    start: async (id: string) => {
      log.push(`start ${id}`);
      inside = 'in the file';
    },
  };
  const files = memoryFiles({ [certificatePath(root, 'postgres')]: 'in the file' });
  const events: unknown[] = [];
  const clock = { now: () => 0, sleep: async () => {} };
  const world = { engine, files, clock, emit: (event: unknown) => void events.push(event) };
  return { world: world as unknown as World, log, events };
}

const LOOK = 'sha256sum /etc/apictl/certs/postgres/tls.crt';

describe('a certificate that no door shows', () => {
  it.each([
    ['in the file', []],
    ['of before', ['postgres has another certificate than the file']],
    [null, ['postgres has no /etc/apictl/certs/postgres/tls.crt']],
  ])('is compared inside of its container, which has what is %s', async (seen, problems) => {
    const { world } = machine(seen);
    const found = await staleInside(world, project(true), RUNNING);
    expect(found.map(({ problem }) => problem)).toEqual(problems);
  });

  it('is looked for only where there is one, and its container runs', async () => {
    const { world, log } = machine('of before');
    const stopped = [summary({ service: 'postgres', state: 'exited' })];
    expect(await staleInside(world, project(true), stopped)).toEqual([]);
    expect(await staleInside(world, project(false), RUNNING)).toEqual([]);
    expect(log).toEqual([]);
  });

  it('is handed over by up, which restarts the container once', async () => {
    const { world, log, events } = machine('of before');
    await healDoors(world, project(true), RUNNING);
    expect(log).toEqual([LOOK, 'stop id-postgres', 'start id-postgres', LOOK]);
    expect(events).toEqual([
      { type: 'warning', text: 'postgres goes on with an old certificate and is restarted' },
    ]);
  });
});
