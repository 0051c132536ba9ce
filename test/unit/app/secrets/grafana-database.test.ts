import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { grafanaDataKeys } from '../../../../src/app/secrets/grafana-database.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import type { ContainerSummary } from '../../../../src/core/ports/engine.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { summary } from '../../../fakes/containers.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const project = { root: '/srv', config: configSchema.parse({}), dotenv: {} };
const [current, next] = [new Secret('the present key'), new Secret('the key to come')];

/** An engine that has Grafana's folder; SQLite turns what it gets into `encrypted anew`. */
function machine(folder: Readonly<Record<string, string>>) {
  const log: string[] = [];
  const files = memoryFiles();
  const world = {
    ...{ files, clock: fakeClock() },
    engine: {
      stop: async (id: string) => void log.push(`stop ${id}`),
      start: async (id: string) => void log.push(`start ${id}`),
    },
    engineData: {
      readFolder: async (id: string, path: string) => {
        log.push(`read ${id} ${path}`);
        const tar = pack();
        tar.entry({ name: 'grafana/', type: 'directory' });
        for (const [name, text] of Object.entries(folder)) tar.entry({ name: `grafana/${name}` }, text);
        tar.finalize();
        return Readable.from(tar);
      },
      writeFolder: async (id: string, path: string, tar: Readable) => {
        const chunks: Buffer[] = [];
        for await (const chunk of tar) chunks.push(Buffer.from(chunk as Uint8Array));
        const text = Buffer.concat(chunks).toString('latin1');
        log.push(`write ${id} ${path} ${text.includes('encrypted anew') ? 'encrypted anew' : 'as it was'}`);
        expect(text.startsWith('grafana.db')).toBe(true);
      },
    },
    sqlite: { edit: (path: string) => files.write(path, 'encrypted anew') },
  } as unknown as World;
  const doorOf = (...containers: ContainerSummary[]) => grafanaDataKeys(world, project, containers).holding;
  return { log, files, doorOf };
}

const grafana = (state: ContainerSummary['state']) => summary({ service: 'grafana', state });

describe('Grafana’s database in its container', () => {
  it('is read and written while Grafana is stopped, and goes back with the copy of before', async () => {
    const { log, files, doorOf } = machine({ 'plugins/a.js': 'code', 'grafana.db': 'as it was' });
    const door = doorOf(grafana('running'));
    await door?.admit(current, next);
    await door?.undo(current, next);
    expect(log).toEqual([
      'stop id-grafana',
      'read id-grafana /var/lib/grafana',
      'write id-grafana /var/lib/grafana encrypted anew',
      'write id-grafana /var/lib/grafana as it was',
      'start id-grafana',
    ]);
    expect(files.content.size).toBe(0);
  });

  it('of a stack that is stopped is given its key without a start', async () => {
    const { log, doorOf } = machine({ 'grafana.db': 'as it was' });
    const door = doorOf(grafana('exited'));
    await door?.admit(current, next);
    await door?.undo(current, next);
    expect(log).not.toContain('start id-grafana');
  });

  it.each(['grafana.db-journal', 'grafana.db-wal'])(
    'is left alone where %s says that it was not closed',
    async (beside) => {
      const { log, doorOf } = machine({ [beside]: 'pages', 'grafana.db': 'as it was' });
      await expect(doorOf(grafana('running'))?.admit(current, next)).rejects.toMatchObject({
        code: 'SECRET_DOOR_FAILED',
        message: `Grafana’s database was not closed: ${beside} lies beside it`,
      });
      expect(log.some((line) => line.startsWith('write'))).toBe(false);
    },
  );

  it('that lies elsewhere is told', async () => {
    const { doorOf } = machine({ 'plugins/a.js': 'code' });
    await expect(doorOf(grafana('running'))?.admit(current, next)).rejects.toMatchObject({
      message: 'there is no grafana.db in Grafana’s folder',
    });
  });

  it('is asked for nothing where there is no container', async () => {
    const { log, doorOf } = machine({});
    await doorOf()?.admit(current, next);
    expect(log).toEqual([]);
  });
});
