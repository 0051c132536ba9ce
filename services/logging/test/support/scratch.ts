/** Directories, conditions and services for tests; all of it is gone afterwards. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import type { Page } from '../../src/page/files.ts';
import { type Service, startService } from '../../src/service.ts';
import { EventStore } from '../../src/store/store.ts';

/** In place of the built page. */
export const PAGE: Page = {
  html: Buffer.from('<!doctype html>'),
  assets: new Map([['main-A1.js', { type: 'text/javascript; charset=utf-8', body: Buffer.from('// page') }]]),
};

export const TOKEN = 'a-token-for-tests-only';

/** A fresh directory that is removed when the test ends. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'logging-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The environment of a service below `root`: data, one followed directory, ports chosen by the system. */
export async function environmentAt(
  root: string,
  more: Record<string, string> = {},
): Promise<Record<string, string>> {
  await mkdir(join(root, 'logs'), { recursive: true });
  await writeFile(join(root, 'token'), TOKEN);
  return {
    LOGGING_INGEST_LISTEN: '127.0.0.1:0',
    LOGGING_ADMIN_LISTEN: '127.0.0.1:0',
    LOGGING_ADMIN_TOKEN_FILE: join(root, 'token'),
    LOGGING_DATA_DIR: join(root, 'data'),
    LOGGING_FOLLOW: join(root, 'logs'),
    LOGGING_FOLLOW_INTERVAL: '20ms',
    ...more,
  };
}

export async function configAt(root: string, more: Record<string, string> = {}): Promise<Config> {
  return loadConfig(await environmentAt(root, more));
}

/** A running service that is stopped when the test ends, unless the test did it. */
export async function runningService(root: string, more: Record<string, string> = {}): Promise<Service> {
  const service = await startService(
    await configAt(root, more),
    createLog(() => undefined),
    // In this thread: the tests of the process have it in its own.
    (options) => EventStore.open(options),
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

/** Polls until the condition holds. @throws after ten seconds, saying what was awaited */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests say themselves what they expect of it
  readonly json: any;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
}

/** Asks the administration listener with its token. */
export async function ask(service: Service, path: string): Promise<Answer> {
  return answerOf(await fetch(service.adminUrl + path, { headers: { authorization: `Bearer ${TOKEN}` } }));
}

/** Sends a batch to the ingest listener. */
export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/x-ndjson' },
): Promise<Answer> {
  return answerOf(await fetch(url, { method: 'POST', body, headers }));
}

/** Waits until everything accepted has left the buffer. */
export async function everythingStored(service: Service): Promise<void> {
  await until('everything stored', () => service.pipeline.readings.bufferEvents === 0);
}
