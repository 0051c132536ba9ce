import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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

/** Starts `worker.ts` in a role of its own process, so that its CPU time is its own. */
export const startProcess = async (role: string, upstreamPort = 0): Promise<BenchProcess> => {
  const path = fileURLToPath(new URL('worker.ts', import.meta.url));
  const child = fork(path, [role, String(upstreamPort)], { execArgv: ['--import', 'tsx'] });
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
