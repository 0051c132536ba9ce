/** For the tests of one file: the service as it ships, a browser, and visitors to both. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { post } from '../../support/answer.ts';
import { ServiceProcess } from '../../support/service-process.ts';
import { launchChromium } from './chromium.ts';
import { type VisitOptions, Visitor } from './visitor.ts';

const MAIN = fileURLToPath(new URL('../../../dist/main.mjs', import.meta.url));

/** The service as the image holds it: the build comes before the tests. */
async function shipped(): Promise<string> {
  if (!existsSync(MAIN)) throw new Error('the service is not built: run "npm run build"');
  return MAIN;
}

export interface World {
  readonly service: ServiceProcess;
  readonly visit: (options?: VisitOptions) => Promise<Visitor>;
  readonly sendLogs: (records: readonly object[]) => Promise<void>;
  readonly sendKong: (records: readonly object[]) => Promise<void>;
  readonly sendAlerts: (notification: object) => Promise<void>;
}

/** @param prepare makes the data before the service opens it */
export function useWorld(
  prepare: (dataDir: string) => Promise<void> = async () => undefined,
  environment: Record<string, string> = {},
): World {
  let root: string;
  let service: ServiceProcess;
  let browser: Browser;
  let visitors: Visitor[] = [];
  const endings: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'logging-page-'));
    await prepare(join(root, 'data'));
    [service, browser] = await Promise.all([
      ServiceProcess.at(root, environment, { main: shipped, whenDone: (end) => endings.push(end) }),
      launchChromium(),
    ]);
    await service.start();
  });
  afterEach(async () => {
    const leaving = visitors;
    visitors = [];
    for (const visitor of leaving) await visitor.leave();
  });
  afterAll(async () => {
    await browser?.close();
    for (const end of endings) await end();
    await rm(root, { recursive: true, force: true });
  });

  const send = async (path: string, body: string, type: string): Promise<void> => {
    const { status, json } = await post(service.ingest + path, body, { 'content-type': type });
    expect(status, JSON.stringify(json)).toBeLessThan(300);
    await service.eventually('everything is stored', async () =>
      expect((await service.pipeline()).buffered).toBe(0),
    );
  };
  return {
    get service() {
      return service;
    },
    visit: async (options) => {
      const visitor = await Visitor.of(browser, service.admin, options);
      visitors.push(visitor);
      return visitor;
    },
    sendLogs: (records) =>
      send('/v1/events', records.map((record) => JSON.stringify(record)).join('\n'), 'application/x-ndjson'),
    sendKong: (records) => send('/v1/kong', JSON.stringify(records), 'application/json'),
    sendAlerts: (notification) => send('/v1/alerts', JSON.stringify(notification), 'application/json'),
  };
}
