// Runs one program of the test run: its output goes to a log file and, where asked for, to the
// terminal; a program that hangs is ended with everything it started.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const LOG_DIR = `${ROOT}.run/test`;
const GRACE_MS = 10_000;

const running = new Set();

/**
 * @param {{ name: string, argv: string[], deadlineMs: number, live?: boolean, environment?: Record<string, string> }} phase
 *   `live` shows the output while it comes; otherwise the caller shows it after a failure.
 * @returns {Promise<{ name: string, ok: boolean, problem: string | null, seconds: number, log: string }>}
 */
export async function runPhase({ name, argv, deadlineMs, live = false, environment = {} }) {
  mkdirSync(LOG_DIR, { recursive: true });
  const log = `${LOG_DIR}/${name.replaceAll(/[^a-z0-9]+/gi, '-')}.log`;
  const file = createWriteStream(log);
  const startedMs = performance.now();
  const [program = '', ...args] = argv;
  // A group of its own, so that ending it ends its children too.
  const child = spawn(program, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(live && process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...environment },
  });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      file.write(chunk);
      if (live) process.stdout.write(chunk);
    });
  }
  let timedOut = false;
  const deadline = setTimeout(() => {
    timedOut = true;
    endGroup(child, 'SIGTERM');
    setTimeout(() => endGroup(child, 'SIGKILL'), GRACE_MS).unref();
  }, deadlineMs);

  const problem = await new Promise((resolve) => {
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      if (timedOut) resolve(`was ended after ${deadlineMs / 1000} s`);
      else if (signal) resolve(`was ended by ${signal}`);
      else resolve(code === 0 ? null : `exited with ${code}`);
    });
  });
  clearTimeout(deadline);
  running.delete(child);
  file.end();
  await finished(file);
  return { name, ok: problem === null, problem, seconds: (performance.now() - startedMs) / 1000, log };
}

/** Prints the log of a phase that failed without having shown it. */
export function showLog({ log }) {
  process.stdout.write(`${readFileSync(log, 'utf8').trimEnd()}\n`);
}

/** Ends every phase that is running; for an interrupted run. */
export function endPhases(signal) {
  for (const child of running) endGroup(child, signal);
}

function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group has ended by itself in the meantime.
    if (error.code !== 'ESRCH') throw error;
  }
}
