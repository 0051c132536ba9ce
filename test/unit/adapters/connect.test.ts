import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dockerEngine } from '../../../src/adapters/engine/docker-engine.ts';

let folder: string;
let server: Server;
let speaks: string;
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-connect-'));
  asked = [];
  server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    asked.push(path);
    response.setHeader('Api-Version', speaks);
    if (path === '/_ping') response.end('OK');
    else if (path === '/version')
      response.end(JSON.stringify({ Version: 'x', ApiVersion: speaks, MinAPIVersion: '1.44' }));
    else response.end('[]');
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'engine.sock'), resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

it.each([
  ['1.41', '1.41', ['/_ping']],
  ['1.47', '1.47', ['/_ping']],
  ['1.52', '1.51', ['/_ping', '/version']],
])(
  'an engine of API %s is spoken to in %s, and asked no more than that takes',
  async (engines, ours, questions) => {
    speaks = engines;
    const engine = dockerEngine({ DOCKER_HOST: `unix://${join(folder, 'engine.sock')}` });
    expect(await engine.containers('shop')).toEqual([]);
    expect(asked).toEqual([...questions, `/v${ours}/containers/json`]);
  },
);

it.each(['nonsense', 'tcp://host:port', 'ftp://host'])(
  'an address that is none (%s) is told with where it comes from',
  async (address) => {
    await expect(dockerEngine({ DOCKER_HOST: address }).containers('shop')).rejects.toMatchObject({
      code: 'ENGINE_CONTEXT_INVALID',
      exitCode: 5,
      message: `${address} (from DOCKER_HOST) is not an address of a Docker Engine`,
    });
  },
);

it.each(['ssh://nobody.invalid', 'ssh://root@127.0.0.1:1'])(
  'an engine behind %s that does not answer is told without a warning of Node.js',
  async (address) => {
    const warnings: string[] = [];
    const take = (warning: Error): void => void warnings.push(warning.message);
    const before = process.noDeprecation;
    process.on('warning', take);
    try {
      await expect(dockerEngine({ DOCKER_HOST: address }).containers('shop')).rejects.toMatchObject({
        code: 'ENGINE_UNREACHABLE',
        exitCode: 5,
        hint: 'Check DOCKER_HOST, or unset it to use the local engine.',
      });
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', take);
      process.noDeprecation = before ?? false;
    }
  },
);
