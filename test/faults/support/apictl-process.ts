import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../bin/apictl.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../../dist/main.cjs', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningApictl {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the built program in a folder of its own. */
export function startApictl(folder: string, ...words: readonly string[]): RunningApictl {
  if (!existsSync(BUILT)) throw new Error('apictl is not built: run "npm run build"');
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Buffer) => {
      text[stream] += chunk.toString('utf8');
    });
  }
  const ended = once(child, 'close').then(([exitCode, signal]) => ({ exitCode, signal, ...text }) as Ended);
  return { child, ended };
}
