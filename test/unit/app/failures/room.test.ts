import { describe, expect, it } from 'vitest';
import { roomOf, roomOfVolumes } from '../../../../src/app/failures/room.ts';
import type { World } from '../../../../src/app/world.ts';
import { details } from '../../../fakes/containers.ts';
import { engineFacts } from '../../../fakes/engine-facts.ts';

const DF = `Filesystem     1024-blocks  Used Available Capacity Mounted on
tmpfs                   64    64         0     100% /full
/dev/mapper/a b    1000000 10000    990000       2% /var/lib/my data
`;

const mounts = [
  { type: 'volume', source: 'shop_data', destination: '/var/lib/data', readOnly: false },
  { type: 'volume', source: 'shop_rules', destination: '/rules', readOnly: true },
  { type: 'bind', source: '/srv', destination: '/srv', readOnly: false },
];

/** What was asked for, and what is said then. */
async function look(state: 'running' | 'exited', endpoint: string) {
  const asked: string[] = [];
  const world = {
    engine: {
      facts: async () => engineFacts({ endpoint }),
      exec: async (_id: string, argv: readonly string[]) => {
        asked.push(argv.join(' '));
        return { exitCode: 0, output: DF };
      },
    },
    files: {
      disk: async (path: string) => {
        asked.push(path);
        return { mountPoint: '/', freeBytes: 1, totalBytes: 2 };
      },
    },
  };
  const room = await roomOfVolumes(world as unknown as World, details({ state, mounts }));
  return { asked, room };
}

describe('the room of volumes', () => {
  it('is read from df, also where names have spaces', () => {
    expect(roomOf(DF)).toEqual([
      { destination: '/full', freeBytes: 0, totalBytes: 65_536 },
      { destination: '/var/lib/my data', freeBytes: 990_000 * 1024, totalBytes: 1_000_000 * 1024 },
    ]);
    expect(roomOf('sh: df: not found')).toEqual([]);
  });

  it('is asked in the container while it runs, of what it can write to', async () => {
    expect((await look('running', 'tcp://elsewhere:2376')).asked).toEqual(['df -Pk /var/lib/data']);
  });

  it('is looked at on this machine when the container has ended and the engine is here', async () => {
    expect(await look('exited', 'unix:///var/run/docker.sock')).toEqual({
      asked: ['/var/lib/docker/volumes/shop_data/_data'],
      room: [{ destination: '/var/lib/data', freeBytes: 1, totalBytes: 2 }],
    });
    expect(await look('exited', 'tcp://elsewhere:2376')).toEqual({ asked: [], room: [] });
  });
});
