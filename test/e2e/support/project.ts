import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { PORT_NAMES } from '../../../src/config/ports.ts';

/** This clone's command. */
export const PROGRAM = fileURLToPath(new URL('../../../bin/apictl.js', import.meta.url));

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const start = (
  program: string,
  root: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
) => execa(process.execPath, [program, ...argv], { cwd: root, reject: false, stdin: 'ignore', env });

/** A command that runs, to be signalled and awaited. */
export type Running = ReturnType<typeof start>;

/** A project of its own in a temporary folder, on ports that nobody else has, run through the real command. */
export interface TestProject {
  readonly name: string;
  readonly root: string;
  readonly ports: Readonly<Record<string, number>>;
  apictl(...argv: readonly string[]): Promise<Finished>;
  /** Starts the command and answers at once, so that a test can signal it. */
  begin(argv: readonly string[], environment?: Readonly<Record<string, string>>): Running;
  configure(config: Readonly<Record<string, unknown>>): Promise<void>;
  secret(name: string): Promise<string>;
  /** Removes containers, networks, volumes and the folder; its built images stay for the next test. */
  destroy(): Promise<void>;
}

interface ProjectOptions {
  /** The command to run it with; this clone's own where absent. */
  readonly program?: string;
  /** The project root is a folder of this name, where it is the name that matters. */
  readonly folder?: string;
}

export async function makeProject(
  label: string,
  { program = PROGRAM, folder = '' }: ProjectOptions = {},
): Promise<TestProject> {
  const made = await mkdtemp(join(tmpdir(), `apictl-${label}-`));
  const root = join(made, folder);
  await mkdir(root, { recursive: true });
  const name = `e2e-${label}-${process.pid}`;
  const numbers = await freePorts(PORT_NAMES.length);
  const ports = Object.fromEntries(PORT_NAMES.map((port, index) => [port, numbers[index] ?? 0]));
  const begin = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Running =>
    start(program, root, argv, environment);
  const apictl = async (...argv: readonly string[]): Promise<Finished> => {
    const { exitCode, stdout, stderr } = await begin(argv);
    return { exitCode: exitCode ?? -1, stdout, stderr };
  };
  const configure = (config: Readonly<Record<string, unknown>>) =>
    writeFile(
      join(root, 'apictl.yaml'),
      stringify({ project: name, images: 'embedded', profiles: ['core', 'monitoring'], ports, ...config }),
    );
  await configure({});
  return {
    name,
    root,
    ports,
    apictl,
    begin,
    configure,
    secret: (secret) => readFile(join(root, 'secrets', 'values', secret), 'utf8'),
    destroy: async () => {
      await configure({});
      const { exitCode, stderr } = await apictl('down', '--volumes', '--yes');
      if (exitCode !== 0) throw new Error(`down failed: ${stderr}`);
      await rm(made, { recursive: true, force: true });
    },
  };
}

/**
 * Where each test file that runs at the same time takes its ports from: below those that the kernel gives to whoever asks for
 * any, or else a client's connection could get one between here and the start of the stack.
 */
const FIRST_PORT = 18_000;
const PORTS_PER_FILE = 5_000;
const FILES_BESIDE = 2;

/** Ports that are free now, and that no test file beside this one takes. */
export async function freePorts(count: number): Promise<number[]> {
  const first = FIRST_PORT + (Number(process.env.VITEST_POOL_ID ?? 0) % FILES_BESIDE) * PORTS_PER_FILE;
  const found: number[] = [];
  for (let tries = 0; found.length < count; tries += 1) {
    if (tries > PORTS_PER_FILE) throw new Error(`no ${count} free ports from ${first} on`);
    const port = first + Math.floor(Math.random() * PORTS_PER_FILE);
    if (!found.includes(port) && (await isFree(port))) found.push(port);
  }
  return found;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Asks again until the answer is given; the last failure is the reason when it never is. */
export async function eventually<T>(what: string, ask: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      if (Date.now() >= deadline)
        throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause: thrown });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
