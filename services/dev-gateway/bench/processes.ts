import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a process of the bench tells when it is asked for its work so far. */
export interface CpuReport {
  readonly cpuMs: number;
  readonly rssMiB: number;
}

export interface BenchProcess {
  readonly port: number;
  report(): Promise<CpuReport>;
  stop(): Promise<void>;
}

const nextMessage = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`a bench process ended with code ${code}`)));
  });

export interface Bundle {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles `worker.ts` as the image's program is bundled: what compiles on the fly for tests makes closures slower. */
export const bundleWorker = async (): Promise<Bundle> => {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-bench-'));
  const path = join(directory, 'worker.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return { path, remove: () => rm(directory, { recursive: true }) };
};

/** Starts the bundled worker in a role, as a process of its own, so that its CPU time is its own. */
export const startProcess = async (bundle: Bundle, role: string, upstreamPort = 0): Promise<BenchProcess> => {
  const child = fork(bundle.path, [role, String(upstreamPort)], { execArgv: [] });
  const { port } = await nextMessage<{ port: number }>(child);
  return {
    port,
    report: () => {
      const answer = nextMessage<CpuReport>(child);
      child.send('report');
      return answer;
    },
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', () => resolve());
        child.send('stop');
      }),
  };
};

/** Answers the bench's questions from inside of a process. */
export const serveBench = (port: number, stop: () => Promise<void>): void => {
  process.on('message', (message) => {
    if (message === 'report') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage.rss() / 1024 ** 2 });
    } else {
      void stop().then(() => process.exit(0));
    }
  });
  process.send?.({ port });
};
