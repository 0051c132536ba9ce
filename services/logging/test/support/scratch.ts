/** Directories, conditions and services for tests; all of it is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import type { Page } from '../../src/page/files.ts';
import { type Service, startService } from '../../src/service.ts';
import type { OpenStore } from '../../src/store/port.ts';
import { EventStore } from '../../src/store/store.ts';
import { type Answer, answerOf } from './answer.ts';
import { environmentAt, TOKEN } from './environment.ts';

export { post } from './answer.ts';
export { environmentAt, TOKEN } from './environment.ts';

/** In place of the built page. */
export const PAGE: Page = {
  html: Buffer.from('<!doctype html>'),
  assets: new Map([['main-A1.js', { type: 'text/javascript; charset=utf-8', body: Buffer.from('// page') }]]),
};

/** A fresh directory that is removed when the test ends. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'logging-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function configAt(root: string, more: Record<string, string> = {}): Promise<Config> {
  return loadConfig(await environmentAt(root, more));
}

/** A running service that is stopped when the test ends, unless the test did it. */
export async function runningService(
  root: string,
  more: Record<string, string> = {},
  // In this thread: the tests of the process have it in its own.
  openStore: OpenStore = (options) => EventStore.open(options),
): Promise<Service> {
  const service = await startService(
    await configAt(root, more),
    createLog(() => undefined),
    openStore,
    PAGE,
  );
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await service.stop();
  };
  onTestFinished(stop);
  return { ...service, stop };
}

/** A machine that is busy with other tests may take its time. */
const PATIENCE_MS = 15_000;

/** Polls until the condition holds. @throws in the end, saying what was awaited */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asks the administration listener with its token. */
export async function ask(service: Service, path: string): Promise<Answer> {
  return answerOf(await fetch(service.adminUrl + path, { headers: { authorization: `Bearer ${TOKEN}` } }));
}

/** Waits until everything accepted has left the buffer. */
export async function everythingStored(service: Service): Promise<void> {
  await until('everything stored', () => service.pipeline.readings.bufferEvents === 0);
}
