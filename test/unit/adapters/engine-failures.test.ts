import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { dockerEngine } from '../../../src/adapters/engine/docker-engine.ts';
import { engineError } from '../../../src/adapters/engine/engine-errors.ts';
import type { ApictlError } from '../../../src/core/errors.ts';
import { pullImages } from '../../../src/stack/images/pull.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'apictl-engine-'));
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const failureOf = (path: string): Promise<ApictlError> =>
  dockerEngine({ DOCKER_HOST: `unix://${path}` })
    .facts()
    .then(
      () => {
        throw new Error('the engine answered');
      },
      (thrown: ApictlError) => thrown,
    );

describe('an engine that cannot be used', () => {
  it('because the address names no socket says so', async () => {
    const path = join(folder, 'absent.sock');
    expect(await failureOf(path)).toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      exitCode: 5,
      message: `no Docker Engine at unix://${path}: there is no socket (ENOENT)`,
    });
  });

  it('because what the address names is no socket says so', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    const { message } = await failureOf(path);
    expect(message).toMatch(/no Docker Engine|not running/);
  });

  it('because nobody listens says that it is not running', async () => {
    const error = engineError(
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      { url: 'unix:///var/run/docker.sock', source: 'default' },
      'say its version',
    );
    expect(error).toMatchObject({ code: 'ENGINE_UNREACHABLE', exitCode: 5 });
    expect(error.message).toContain('is not running: nobody listens there');
  });

  it('because of a missing permission says how to get it', () => {
    const error = engineError(
      Object.assign(new Error('connect'), { code: 'EACCES' }),
      { url: 'unix:///var/run/docker.sock', source: 'default' },
      'say its version',
    );
    expect(error).toMatchObject({ code: 'ENGINE_FORBIDDEN', exitCode: 5 });
    expect(error.hint).toContain('usermod -aG docker');
  });

  it.each([
    ['1.40', undefined, 'ENGINE_TOO_OLD', 'speaks API 1.40; 1.41 (Engine 20.10) or newer is needed'],
    ['1.60', '1.55', 'ENGINE_TOO_NEW', 'speaks API 1.55 and newer'],
  ])('because its API is %s says so', async (ApiVersion, MinAPIVersion, code, words) => {
    const path = join(folder, `${code}.sock`);
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ Version: 'x', ApiVersion, MinAPIVersion }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const error = await failureOf(path);
    server.closeAllConnections();
    expect(error).toMatchObject({ code, exitCode: 5 });
    expect(error.message).toContain(words);
  });
});

describe('a registry that cannot be asked', () => {
  it('is told in its own words, without the status of the engine, and not taken for one that is busy', async () => {
    const path = join(folder, 'pull.sock');
    let pulls = 0;
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url?.includes('/images/create') !== true)
        return response.end(JSON.stringify({ Version: 'x', ApiVersion: '1.41' }));
      pulls += 1;
      response.statusCode = 500;
      return response.end(JSON.stringify({ message: 'Get "http://mirror/v2/": connection refused' }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const engine = dockerEngine({ DOCKER_HOST: `unix://${path}` });
    const ports = {
      engine: { image: async () => null, pull: engine.pull.bind(engine) },
      clock: fakeClock(),
      emit: () => {},
      signal: new AbortController().signal,
    };
    await expect(pullImages(ports, ['kong:9'], false)).rejects.toMatchObject({
      code: 'IMAGES_MISSING',
      details: ['kong:9 could not be pulled: Get "http://mirror/v2/": connection refused'],
    });
    server.closeAllConnections();
    expect(pulls).toBe(1);
  });
});
