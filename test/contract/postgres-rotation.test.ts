import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresPrograms } from '../../services/dev-gateway/test/postgres.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { Secret } from '../../src/core/secret.ts';
import { postgresDoor } from '../../src/secrets/doors/postgres.ts';
import { adminLoad } from '../support/admin-load.ts';
import { type LocalGateway, startLocalGateway } from '../support/local-gateway.ts';

const AWKWARD = new Secret(` p@$$w0rd \${HOME} #x"'y\\ %s &;|<>() {{ }} : - ü `);

describe.skipIf(postgresPrograms() === undefined)(
  'the password of the gateway’s database (needs an installed PostgreSQL)',
  () => {
    let local: LocalGateway;
    const door = () =>
      postgresDoor({
        engine: local.engine,
        clock: systemClock,
        random: systemRandom,
        postgresId: 'postgres',
        gatewayId: 'kong',
        role: 'kong',
      });
    const roles = async () =>
      (
        await local.database.query<{ name: string; sessions: number }>(
          `select rolname as name, count(pid)::int as sessions from pg_roles
           left join pg_stat_activity on usename = rolname where rolname like 'kong%' group by 1 order by 1`,
        )
      ).rows;

    beforeAll(async () => {
      local = await startLocalGateway();
    });
    afterAll(() => local?.stop());

    it('is changed, and changed back, while the gateway writes without a refused request', async () => {
      const old = new Secret(local.password);
      const stop = adminLoad(local.admin);
      const { opens, holding } = door();
      await holding?.admit(old, AWKWARD);
      expect([await opens(AWKWARD), await opens(old)]).toEqual([true, false]);
      expect(await roles()).toEqual([
        { name: 'kong', sessions: expect.any(Number) },
        { name: 'kong_rotation', sessions: expect.any(Number) },
      ]);
      await holding?.retire(AWKWARD);
      expect(await roles()).toEqual([{ name: 'kong', sessions: expect.any(Number) }]);
      // A rotation that is given up goes the same way back.
      await holding?.admit(AWKWARD, new Secret('never to be kept'));
      await holding?.undo(AWKWARD, new Secret('never to be kept'));
      expect([await opens(AWKWARD), await opens(new Secret('never to be kept'))]).toEqual([true, false]);
      expect(await roles()).toEqual([{ name: 'kong', sessions: expect.any(Number) }]);
      const statuses = await stop();
      expect(statuses.length).toBeGreaterThan(20);
      expect(new Set(statuses)).toEqual(new Set([200]));
    });

    it('is what is made by the second role not: everything belongs to the first', async () => {
      const { rows } = await local.database.query<{ owner: string }>(
        `select distinct tableowner as owner from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
      );
      expect(rows).toEqual([{ owner: 'kong' }]);
    });

    it('is never in what a refused statement says', async () => {
      const broken = postgresDoor({
        engine: {
          exec: async (id, argv, timeoutMs, signal, input) =>
            local.engine.exec(
              id,
              argv,
              timeoutMs,
              signal,
              new Secret(input?.reveal().replace('ALTER ROLE', 'ALTER ROEL') ?? ''),
            ),
        },
        clock: systemClock,
        random: systemRandom,
        postgresId: 'postgres',
        gatewayId: null,
        role: 'kong',
      });
      const failure = await broken.holding
        ?.admit(AWKWARD, new Secret('next'))
        .catch((thrown: Error) => thrown);
      expect(failure).toMatchObject({ code: 'SECRET_DOOR_FAILED', exitCode: 4 });
      expect(String(failure)).toContain('syntax error');
      expect(String(failure)).not.toContain('SCRAM');
    });
  },
);
