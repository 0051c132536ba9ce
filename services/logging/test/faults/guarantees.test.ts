import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fakeElasticsearch, PASSWORD } from '../support/fake-elasticsearch.ts';
import { killRounds } from '../support/kill-rounds.ts';
import { Oracle } from '../support/oracle.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { ServiceProcess } from '../support/service-process.ts';

/** Whoever has less time asks for less: a share of the full length. */
const SHARE = Number(process.env.FAULTS_SHARE ?? 1);

/** What the service may take, from its start on. */
const MOST_MIB = 300;

it('five minutes of kill -9 every one to five seconds lose nothing', async () => {
  await killRounds({ rounds: Math.ceil(75 * SHARE), aliveMs: [1000, 5000], seed: 7 });
});

it('deaths right after the start lose nothing', async () => {
  await killRounds({ rounds: Math.ceil(60 * SHARE), aliveMs: [0, 120], seed: 11 });
});

it('Elasticsearch away for ten minutes at a thousand lines a second gets every event afterwards, within bounded memory', async () => {
  const root = await scratchDirectory();
  const elasticsearch = await fakeElasticsearch();
  let isAway = true;
  elasticsearch.judge = () =>
    isAway ? { status: 503, error: { type: 'unavailable_shards_exception', reason: 'away' } } : undefined;
  await writeFile(join(root, 'password'), PASSWORD);
  const service = await ServiceProcess.at(root, {
    LOGGING_ELASTICSEARCH_URL: elasticsearch.url,
    LOGGING_ELASTICSEARCH_PASSWORD_FILE: join(root, 'password'),
  });
  await service.start();
  const oracle = new Oracle();
  const done = new AbortController();
  const wanted = Math.ceil(600_000 * SHARE);
  const producing = oracle.produce(service, done.signal, 1000);
  while (oracle.owed < wanted) await new Promise((resolve) => setTimeout(resolve, 500));
  expect(elasticsearch.documents).toHaveLength(0);
  isAway = false;
  while ((await service.pipeline()).elasticsearch?.pending !== 0 || oracle.owed < wanted * 1.05) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  done.abort();
  await producing;
  // What was acknowledged last may still be on its way into the store, where it is not yet pending.
  await service.eventually('everything stored and shipped', async () => {
    expect(await service.pipeline()).toMatchObject({
      buffered: 0,
      elasticsearch: { pending: 0, dead_lettered: 0, expired: 0 },
    });
  });
  const shipped = elasticsearch.documents.map(({ document }) => String(document['http.request.id']));
  oracle.expectAllOnce(shipped);
  expect(shipped).toHaveLength((await service.pipeline()).stored);
  expect(await service.mostResidentMiB()).toBeLessThan(MOST_MIB);
  await service.end('SIGTERM');
});

it('lines of followed files are found once, through rotation, truncation and kill -9', async () => {
  const root = await scratchDirectory();
  const service = await ServiceProcess.at(root, { LOGGING_ROTATE_BYTES: '64KiB', LOGGING_ROTATE_KEEP: '1' });
  await service.start();
  const path = join(root, 'logs', 'backend-1.ndjson');
  let written = 0;
  for (let round = 0; round < Math.ceil(40 * SHARE); round += 1) {
    for (let burst = 0; burst < 10; burst += 1) {
      const lines = Array.from({ length: 50 }, () =>
        JSON.stringify({ request_id: `f-${written++}`, message: 'of a file', filler: 'y'.repeat(100) }),
      );
      // Opened by name each time, as a logger does that watches for rotation.
      await appendFile(path, `${lines.join('\n')}\n`);
    }
    await service.end('SIGKILL');
    await service.start();
  }
  await service.eventually('every line', async () => {
    expect((await service.pipeline()).stored).toBe(written);
  });
  expect(new Set(await service.allRequestIds()).size).toBe(written);
  await service.end('SIGTERM');
});
