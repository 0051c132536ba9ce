import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/app/world.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { summary } from '../../fakes/containers.ts';
import { noSwarm } from '../../fakes/fake-swarm.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

/** A project with a database, a job that has ended, and two volumes. */
function world() {
  const calls: string[] = [];
  const call = (what: string) => async (id: string) => void calls.push(`${what} ${id}`);
  const engine = {
    containers: async () => [
      summary({ service: 'postgres' }),
      summary({ service: 'kong-migrations', state: 'exited' }),
    ],
    volumes: async () =>
      ['apictl_postgres-data', 'apictl_kong-logs'].map((name) => ({
        name,
        labels: {},
        driver: 'local',
        options: {},
      })),
    volumeSizes: async () => new Map([['apictl_postgres-data', 5 * 1024 ** 2]]),
    networks: async () => [{ id: 'net', name: 'apictl_kong-net', labels: {} }],
    stop: call('stop'),
    remove: call('remove'),
    removeNetwork: call('remove network'),
    removeVolume: call('remove volume'),
  };
  const given = {
    engine: engine as unknown as World['engine'],
    swarm: noSwarm(),
    files: memoryFiles({}),
    workingFolder: '/srv',
    clock: { now: () => 0, sleep: async () => {} },
    lock: { take: async () => ({ fd: 0, release: () => {} }) },
  };
  return { calls, given };
}

describe('apictl down', () => {
  it('stops and removes containers and networks, and says which volumes stay', async () => {
    const { calls, given } = world();
    const { exitCode, stdout } = await runCommand(given, 'down', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      removed: ['kong-migrations', 'postgres'],
      volumes: { removed: [], kept: ['apictl_kong-logs', 'apictl_postgres-data'] },
    });
    expect(calls.slice().sort()).toEqual([
      'remove id-kong-migrations',
      'remove id-postgres',
      'remove network net',
      'stop id-postgres',
    ]);
  });

  it('removes the volumes where that was confirmed', async () => {
    const { calls, given } = world();
    const { stdout } = await runCommand(given, 'down', '--volumes', '--yes', '--json');
    expect(JSON.parse(stdout)).toEqual({
      removed: ['kong-migrations', 'postgres'],
      volumes: { removed: ['apictl_kong-logs', 'apictl_postgres-data'], kept: [] },
    });
    expect(calls).toContain('remove volume apictl_postgres-data');
  });

  it('touches nothing where nobody confirms that the data may go', async () => {
    const { calls, given } = world();
    const { error, stdout } = await runCommand(given, 'down', '--volumes', '--json');
    expect(error?.toJSON()).toEqual({
      error: {
        code: 'VOLUMES_NOT_CONFIRMED',
        exitCode: 64,
        message: 'the data of 2 volumes would be lost; nothing was touched',
        object: 'volume apictl_postgres-data, volume apictl_kong-logs',
        hint: 'Answer the question with yes, or give --yes. Without --volumes the data stays.',
      },
    });
    expect({ calls, stdout }).toEqual({ calls: [], stdout: '' });
  });
});
