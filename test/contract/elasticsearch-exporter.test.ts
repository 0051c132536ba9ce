import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MeasuredElasticsearch, measuredElasticsearch } from '../fakes/elasticsearch-figures.ts';

/** Intent: what panels and alerts ask of Elasticsearch is what its exporter, where this machine has it, tells of one. */

const PROGRAM = 'prometheus-elasticsearch-exporter';
const hasExporter = spawnSync('sh', ['-c', `command -v ${PROGRAM}`]).status === 0;

const RECORDED = new URL('../fixtures/metrics/official/elasticsearch-exporter.txt', import.meta.url);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!hasExporter)('Elasticsearch’s exporter', () => {
  let elasticsearch: MeasuredElasticsearch;
  let exporter: ChildProcess;
  let url: string;
  beforeAll(async () => {
    elasticsearch = await measuredElasticsearch();
    url = `http://127.0.0.1:${await freePort()}/metrics`;
    // As compose/fragments/elasticsearch-exporter.yaml starts it; Debian's version has no health report yet.
    const options = ['--es.all', '--es.indices', `--es.uri=${elasticsearch.url}`];
    exporter = spawn(PROGRAM, [...options, `--web.listen-address=${new URL(url).host}`], {
      stdio: 'ignore',
      env: { ...process.env, ES_USERNAME: 'exporter', ES_PASSWORD: 'its password' },
    });
    await vi.waitFor(() => metrics(), { timeout: 30_000, interval: 100 });
  });
  afterAll(async () => {
    exporter.kill();
    await elasticsearch.close();
  });

  const metrics = async (): Promise<string[]> => {
    const { statusCode, body } = await request(url);
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`it answered ${statusCode}`);
    return text.split('\n');
  };

  it('tells every series that is recorded of it, with these labels and values', async () => {
    const told = await metrics();
    const recorded = readFileSync(RECORDED, 'utf8').trimEnd().split('\n');
    expect(recorded.length).toBeGreaterThan(20);
    expect(recorded.filter((line) => !told.includes(line))).toEqual([]);
    expect(elasticsearch.users).toContain('exporter:its password');
  });

  it.each(['yellow', 'red'] as const)('tells that it is %s', async (health) => {
    elasticsearch.health = health;
    const status = (await metrics()).filter((line) =>
      line.startsWith('elasticsearch_cluster_health_status{'),
    );
    expect(status.filter((line) => line.endsWith(' 1'))).toEqual([
      `elasticsearch_cluster_health_status{cluster="apictl",color="${health}"} 1`,
    ]);
  });
});
