import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresPrograms } from '../../services/dev-gateway/test/postgres.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import type { Engine } from '../../src/core/ports/engine.ts';
import { Secret } from '../../src/core/secret.ts';
import { postgresDoor } from '../../src/secrets/doors/postgres.ts';
import { applyRotation } from '../../src/secrets/rotation-apply.ts';
import { readUnfinished } from '../../src/secrets/rotation-journal.ts';
import { memoryFiles } from '../fakes/memory-files.ts';
import { adminLoad } from '../support/admin-load.ts';
import { type LocalGateway, startLocalGateway } from '../support/local-gateway.ts';

const NAME = 'postgres-password';
const PATH = `/project/secrets/values/${NAME}`;
const SECRETS = [{ name: NAME, bytes: 24 }];

class Killed extends Error {}

/** Lets so many commands run in the containers; then the program is dead. */
function dyingEngine(engine: Pick<Engine, 'exec'>, commands: number) {
  let left = commands;
  return {
    exec: async (...words: Parameters<Engine['exec']>) => {
      left -= 1;
      if (left < 0) throw new Killed();
      return engine.exec(...words);
    },
  };
}

describe.skipIf(postgresPrograms() === undefined)(
  'the rotation of the database’s password that is killed (needs an installed PostgreSQL)',
  () => {
    let local: LocalGateway;
    beforeAll(async () => {
      local = await startLocalGateway();
    });
    afterAll(() => local?.stop());

    it('at any command leaves the gateway connected, and the next run brings it to an end', async () => {
      const files = memoryFiles({ [PATH]: local.password });
      const root = '/project';
      const rotateWith = async (engine: Pick<Engine, 'exec'>, resume: boolean): Promise<void> => {
        const door = postgresDoor({
          engine,
          clock: systemClock,
          random: systemRandom,
          postgresId: 'postgres',
          gatewayId: 'kong',
          role: 'kong',
        });
        await applyRotation(
          resume
            ? SECRETS.filter(({ name }) => files.content.has(`/project/secrets/values/${name}.next`))
            : SECRETS,
          await readUnfinished(files, root, [NAME]),
          {
            files,
            random: systemRandom,
            emit: () => {},
            signal: new AbortController().signal,
            waiting: [],
            doorOf: () => door,
            renewReaders: async () => [],
          },
          root,
        );
      };
      let commands = 0;
      const counting = {
        exec: (...words: Parameters<Engine['exec']>) => {
          commands += 1;
          return local.engine.exec(...words);
        },
      };
      await rotateWith(counting, false);
      expect(commands).toBeGreaterThan(8);
      const stop = adminLoad(local.admin);
      for (let command = 0; command < commands; command += 1) {
        const before = files.content.get(PATH)?.toString();
        await rotateWith(dyingEngine(local.engine, command), false).catch(() => {});
        await rotateWith(local.engine, true);
        const value = files.content.get(PATH)?.toString() ?? '';
        const door = postgresDoor({
          engine: local.engine,
          clock: systemClock,
          random: systemRandom,
          postgresId: 'postgres',
          gatewayId: null,
          role: 'kong',
        });
        const { rows } = await local.database.query<{ name: string }>(
          `select rolname as name from pg_roles where rolname like 'kong%'`,
        );
        const outcome = {
          opens: await door.opens(new Secret(value)),
          isNew: value !== before,
          roles: rows.map(({ name }) => name),
          files: [...files.content.keys()],
        };
        expect([command, outcome]).toEqual([
          command,
          { opens: true, isNew: true, roles: ['kong'], files: [PATH] },
        ]);
      }
      const statuses = await stop();
      expect(statuses.length).toBeGreaterThan(100);
      expect(new Set(statuses)).toEqual(new Set([200]));
    });
  },
);
