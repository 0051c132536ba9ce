import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program of the monitoring stack: the machine's own, or that of an image of the embedded flavour. */
export interface Tool {
  /** Runs it; answers what it writes. Files below the folder are where they are on this machine. */
  readonly ask: (...argv: string[]) => Promise<string>;
}

/** Null where neither is there. */
export async function findTool(program: string, image: string, folder: string): Promise<Tool | null> {
  if (await succeeds(program, '--version')) return { ask: (...argv) => output(program, argv) };
  const built = await imageOf(image);
  if (built === null) return null;
  const inImage = [
    'run',
    '--rm',
    '--network',
    'none',
    '--volume',
    `${folder}:${folder}:ro`,
    '--entrypoint',
    program,
  ];
  return { ask: (...argv) => output('docker', [...inImage, built, ...argv]) };
}

const succeeds = (program: string, ...argv: string[]): Promise<boolean> =>
  run(program, argv).then(
    () => true,
    () => false,
  );

/** The image of this name that was built last; null where there is none. */
export async function imageOf(name: string): Promise<string | null> {
  const found = await run('docker', [
    'images',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    `apictl/${name}`,
  ]).catch(() => null);
  return found?.stdout.split('\n')[0] || null;
}

/** Both streams of a program that ends with 0; its words in the error when it does not. */
async function output(program: string, argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...argv]).catch((thrown) => {
    throw new Error(`${program} ${argv.join(' ')}\n${thrown.stdout}${thrown.stderr}`);
  });
  return stdout + stderr;
}
