import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLog } from '../../../src/adapters/engine/logs.ts';
import { at } from '../../fakes/log-engine.ts';

const CONTAINERS = 14;

let folder: string;
let server: Server;
const asked: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-logs-'));
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.write(`${at(1)} from a terminal\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'engine.sock'), resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

it('follows the logs of a whole stack with one signal, which ends them all, without a warning of a leak', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  const stopping = new AbortController();
  const docker = async () => {
    throw new Error('a local engine is read without its client library');
  };
  const engine = { socketPath: join(folder, 'engine.sock'), apiVersion: '1.41', docker };
  const texts: string[] = [];
  const follow = async (id: string) => {
    const options = { service: id, container: id, follow: true, since: at(0), signal: stopping.signal };
    for await (const lines of readLog(engine, id, options)) {
      texts.push(...lines.map(({ text }) => text));
      if (texts.length === CONTAINERS) stopping.abort();
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: CONTAINERS }, (_, index) => follow(`c${index}`)),
  );
  process.off('warning', onWarning);
  expect(ends.map(({ status }) => status)).toEqual(Array(CONTAINERS).fill('rejected'));
  expect(texts).toEqual(Array(CONTAINERS).fill('from a terminal'));
  expect(warnings).toEqual([]);
  expect(asked[0]).toMatch(/^\/v1\.41\/containers\/c\d+\/logs\?.*follow=true&since=1767225600\.000000000$/);
});
