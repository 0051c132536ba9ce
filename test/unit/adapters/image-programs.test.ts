import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { expect, it, onTestFinished } from 'vitest';
import { imagePrograms } from '../../../src/adapters/engine/image-programs.ts';
import { collected } from '../../support/backup-archive.ts';

/** Of an engine, the calls that one program takes. `null` for an image that is not there; `hangs` for a program without an end. */
interface FakeEngine {
  readonly image: 'present' | null;
  readonly program: 'ends' | 'hangs' | 'missing';
  /** Containers that the listing shows: id -> age in seconds. */
  readonly left?: Readonly<Record<string, number>>;
}

/** A piece of a log, as the engine frames it. */
function frame(stream: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function engineOf({ image, program, left = {} }: FakeEngine) {
  const folder = mkdtempSync(join(tmpdir(), 'apictl-programs-'));
  const calls: string[] = [];
  let created: Record<string, unknown> = {};
  let archive: Buffer = Buffer.alloc(0);
  const server = createServer(async (request, response) => {
    const body = await collected(request);
    const path = (request.url ?? '').replace(/^\/v[\d.]+/, '');
    const call = `${request.method} ${path.split('?')[0]}`;
    const answer = (status: number, text: string | Buffer = ''): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'api-version': '1.41' }).end(text);
    };
    if (path.startsWith('/_ping')) return answer(200, 'OK');
    calls.push(call);
    switch (call) {
      case 'POST /containers/create':
        created = JSON.parse(body.toString('utf8'));
        return image === null ? answer(404, '{"message":"No such image"}') : answer(201, '{"Id":"one"}');
      case 'PUT /containers/one/archive':
        archive = body;
        return answer(200);
      case 'POST /containers/one/start':
        return program === 'missing'
          ? answer(400, '{"message":"exec: \\"promtool\\": executable file not found in $PATH"}')
          : answer(204);
      case 'POST /containers/one/wait':
        return program === 'hangs' ? undefined : answer(200, '{"StatusCode":1}');
      case 'GET /containers/one/logs':
        return answer(200, Buffer.concat([frame(1, 'Checking\n'), frame(2, 'FAILED\n')]));
      case 'GET /containers/json': {
        const now = Math.floor(Date.now() / 1000);
        return answer(
          200,
          JSON.stringify(Object.entries(left).map(([Id, age]) => ({ Id, Created: now - age }))),
        );
      }
      default:
        return answer(204);
    }
  });
  const socket = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return {
    calls,
    created: () => created,
    files: async () => {
      const parser = extract();
      parser.end(archive);
      const found: Record<string, string> = {};
      for await (const entry of parser)
        found[entry.header.name] = (await collected(entry as AsyncIterable<Uint8Array>)).toString('utf8');
      return found;
    },
    run: (timeoutMs = 10_000, signal?: AbortSignal) =>
      imagePrograms({ DOCKER_HOST: `unix://${socket}` }).run(
        { image: 'prom/x', argv: ['promtool', 'check'], files: { 'a.yml': 'groups: []' }, timeoutMs },
        signal,
      ),
  };
}

it('runs a program with its files, without network and rights, and removes it', async () => {
  const engine = await engineOf({ image: 'present', program: 'ends' });
  expect(await engine.run()).toEqual({ exitCode: 1, output: 'Checking\nFAILED' });
  expect(await engine.files()).toMatchObject({ 'check/a.yml': 'groups: []' });
  expect(engine.created()).toMatchObject({
    Image: 'prom/x',
    Entrypoint: ['promtool'],
    Cmd: ['check'],
    User: '65534:65534',
    HostConfig: { NetworkMode: 'none', CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] },
  });
  expect(engine.calls).toContain('DELETE /containers/one');
});

it('makes nothing of an image that is not there', async () => {
  const engine = await engineOf({ image: null, program: 'ends' });
  expect(await engine.run()).toBeNull();
  expect(engine.calls).toEqual(['POST /containers/create']);
});

it('says so of an image without the program, and removes its container', async () => {
  const engine = await engineOf({ image: 'present', program: 'missing' });
  await expect(engine.run()).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining('executable file not found'),
  });
  expect(engine.calls).toContain('DELETE /containers/one');
});

it('gives up a program that does not end, and removes it', async () => {
  const engine = await engineOf({ image: 'present', program: 'hangs' });
  expect(await engine.run(50)).toMatchObject({ exitCode: 124 });
  expect(engine.calls).toContain('DELETE /containers/one');
});

it('removes it after an interruption, too', async () => {
  const engine = await engineOf({ image: 'present', program: 'hangs' });
  const stop = new AbortController();
  const running = engine.run(10_000, stop.signal);
  await expect.poll(() => engine.calls).toContain('POST /containers/one/wait');
  stop.abort();
  await expect(running).rejects.toThrow();
  expect(engine.calls).toContain('DELETE /containers/one');
});

it('removes what a process that was killed has left behind, and not what runs beside', async () => {
  const engine = await engineOf({ image: 'present', program: 'ends', left: { old: 3600, new: 5 } });
  await engine.run();
  expect(engine.calls.filter((call) => call.startsWith('DELETE'))).toEqual([
    'DELETE /containers/one',
    'DELETE /containers/old',
  ]);
});
