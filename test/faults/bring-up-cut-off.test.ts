import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeneratedProject, makeGeneratedProject } from '../e2e/support/generated-project.ts';
import { type CutSocket, cutSocket } from './support/cut-socket.ts';
import { expectConvergence, fromNothing, SMALL_STACK } from './support/interrupted-up.ts';
import { stepsOf } from './support/share.ts';

/** Where only a share of the long tests is run, every fifth request. */
const EVERY_NTH = 5;
const AWAY_MS = 1_000;

let project: GeneratedProject;
let folder: string;
let socket: CutSocket;
beforeAll(async () => {
  project = await makeGeneratedProject('cut', SMALL_STACK);
  folder = await mkdtemp(join(tmpdir(), 'apictl-cut-'));
  socket = await cutSocket(join(folder, 'docker.sock'));
});
afterAll(async () => {
  await project.destroy();
  await socket.close();
  await rm(folder, { recursive: true, force: true });
});

const upThroughSocket = () => project.begin(['up', '--json'], { DOCKER_HOST: socket.url });

describe('an engine that goes away for a moment at any one request', () => {
  it('is waited for once the containers are being made; before that the run ends with 5 and has made none', async () => {
    const whole = await upThroughSocket();
    expect(whole.exitCode).toBe(0);
    const requests = socket.requests();
    expect(requests).toBeGreaterThan(20);
    const endings = new Set<number>();
    for (const request of stepsOf(requests, EVERY_NTH)) {
      await fromNothing(project);
      socket.cutAt(request, AWAY_MS);
      const { exitCode = -1, stderr } = await upThroughSocket();
      endings.add(exitCode);
      if (exitCode !== 0) {
        const { error } = JSON.parse(stderr.split('\n').at(-1) ?? '');
        expect([request, error]).toEqual([
          request,
          expect.objectContaining({ exitCode: 5, hint: expect.anything() }),
        ]);
        expect([request, await project.containers()]).toEqual([request, []]);
      }
      await expectConvergence(project, request);
    }
    expect([...endings].sort()).toEqual([0, 5]);
  });
});
