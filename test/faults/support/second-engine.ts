import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SCRIPT = 'scripts/engine/second-engine.sh';
const CHOSEN_BY = ['DOCKER_HOST', 'DOCKER_CONFIG'] as const;

/** Whether this machine can have a second engine: Debian's packages, unpacked and run as root. */
export const canRunSecondEngine =
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** An engine beside the machine's own, with images of it; what this process starts speaks to it. */
export interface SecondEngine {
  halt(): Promise<void>;
  /** Goes on with the data of before. */
  start(): Promise<void>;
  /** Starts a command where the ports that it publishes are. */
  inside(...command: readonly string[]): ReturnType<typeof execa>;
  /** Ends it, removes everything that it had, and has this process speak to the engine of before. */
  stop(): Promise<void>;
}

/** @param images those that the test needs; all apictl/* take some ten seconds */
export async function secondEngine(name: string, images: readonly string[] = []): Promise<SecondEngine> {
  const call = (verb: string, ...options: readonly string[]) =>
    execa(SCRIPT, [verb, name, ...options], { cwd: ROOT });
  const saved = CHOSEN_BY.map((variable) => [variable, process.env[variable]] as const);
  const start = async (): Promise<void> => {
    await call('start', '--version', '20.10');
  };
  await start();
  await call('images', ...images);
  for (const line of (await call('env')).stdout.split('\n')) {
    const [, variable, value] = /^(DOCKER_\w+)=(.*)$/.exec(line) ?? [];
    if (variable !== undefined && value !== undefined) process.env[variable] = value;
  }
  return {
    start,
    halt: async () => {
      await call('halt');
    },
    inside: (...command) => call('run', ...command),
    stop: async () => {
      for (const [variable, value] of saved) {
        if (value === undefined) delete process.env[variable];
        else process.env[variable] = value;
      }
      await call('stop');
    },
  };
}
