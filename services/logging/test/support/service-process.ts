/** The service as a process of its own, which can be killed at any moment and started again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, onTestFinished, vi } from 'vitest';
import type { z } from 'zod';
import type { pipelineDocument } from '../../src/manage/routes.ts';
import { builtMain } from './built-service.ts';
import { environmentAt, TOKEN } from './environment.ts';
import { imageCommand } from './image-command.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface ProcessOptions {
  /** Where main.mjs is; without it the service is bundled for the test. */
  readonly main?: () => Promise<string>;
  /** Takes what ends the process; without it that is done with the test. */
  readonly whenDone?: (end: () => Promise<void>) => void;
}

export class ServiceProcess {
  readonly ingest: string;
  readonly admin: string;
  /** Of Node.js: its flags and the program. */
  readonly #command: readonly string[];
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    command: readonly string[],
    environment: Record<string, string>,
    ports: readonly [number, number],
  ) {
    this.#command = command;
    this.#environment = environment;
    this.ingest = `http://127.0.0.1:${ports[0]}`;
    this.admin = `http://127.0.0.1:${ports[1]}`;
  }

  /** A service below `root`, run as its image runs it, that keeps its ports over restarts. */
  static async at(
    root: string,
    more: Record<string, string> = {},
    { main = builtMain, whenDone = onTestFinished }: ProcessOptions = {},
  ): Promise<ServiceProcess> {
    const ports = [await freePort(), await freePort()] as const;
    const image = await imageCommand();
    const environment = await environmentAt(root, {
      ...image.environment,
      LOGGING_INGEST_LISTEN: `127.0.0.1:${ports[0]}`,
      LOGGING_ADMIN_LISTEN: `127.0.0.1:${ports[1]}`,
      ...more,
    });
    const service = new ServiceProcess([...image.flags, await main()], environment, ports);
    whenDone(() => service.end('SIGKILL').then(() => undefined));
    return service;
  }

  /** What the last process wrote. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** The most memory that the process has held so far. */
  async mostResidentMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the process without waiting for it. */
  launch(): ChildProcess {
    this.#output = '';
    const child = spawn(process.execPath, [...this.#command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, ...this.#environment },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = `${this.#output}${chunk.toString()}`.slice(-20_000);
      });
    }
    this.#child = child;
    return child;
  }

  /** Starts it and waits until it takes events. */
  async start(): Promise<void> {
    this.launch();
    await this.eventually('the service is ready', async () => {
      if (!this.isRunning) throw new Error(`it has ended: ${this.#output}`);
      expect((await fetch(`${this.ingest}/readyz`)).status).toBe(200);
    });
  }

  /** @returns the exit code, null after a signal that left it no choice */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }

  async eventually(what: string, holds: () => Promise<void>): Promise<void> {
    await vi.waitFor(holds, PATIENCE).catch((error: unknown) => {
      throw new Error(`${what}: ${String(error)}\n${this.#output.slice(-2000)}`, { cause: error });
    });
  }

  /** Waits until the buffer is empty, however long that takes while it goes on. @throws where nothing is stored for a minute */
  async drained(): Promise<void> {
    for (let before = (await this.pipeline()).buffered; before > 0; ) {
      const last = before;
      await this.eventually(`fewer than ${last} events in the buffer`, async () => {
        before = (await this.pipeline()).buffered;
        expect(before).toBeLessThan(last);
      });
    }
  }

  async pipeline(): Promise<z.output<typeof pipelineDocument>> {
    return (await this.#ask('/api/v1/pipeline')) as z.output<typeof pipelineDocument>;
  }

  /** The request ids of every stored event, in order of time. */
  async allRequestIds(): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page = (await this.#ask(
        `/api/v1/events?order=asc&limit=1000${cursor === null ? '' : `&cursor=${cursor}`}`,
      )) as { events: { request_id: string }[]; next_cursor: string | null };
      ids.push(...page.events.map(({ request_id }) => request_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    return ids;
  }

  async #ask(path: string): Promise<unknown> {
    const answer = await fetch(this.admin + path, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(answer.status, path).toBe(200);
    return answer.json();
  }
}
