import { execa } from 'execa';
import { request } from 'undici';
import { imageOf } from './monitoring-tools.ts';
import { eventually } from './project.ts';

export interface LoopbackProgram {
  /** What it has written so far. */
  logs(): Promise<string>;
  remove(): Promise<void>;
}

interface Wish {
  /** Of the container. */
  readonly name: string;
  /** Of the embedded flavour, as `alertmanager`. */
  readonly image: string;
  readonly program: string;
  readonly argv: readonly string[];
  /** What is mounted into it, read-only: place on this machine -> place in the container. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  /** Answers 200 once it is ready. */
  readonly readyUrl: string;
}

/** A program of an image of the embedded flavour, without the rest of the stack, on this machine's loopback. */
export async function startOnLoopback(wish: Wish): Promise<LoopbackProgram> {
  const { name, image, program, argv, mounts, options = [], readyUrl } = wish;
  const built = await imageOf(image);
  if (built === null) throw new Error(`there is no image apictl/${image}`);
  const volumes = Object.entries(mounts).flatMap(([from, to]) => ['--volume', `${from}:${to}:ro`]);
  const isolation = ['--network', 'host', '--user', '65534:65534', '--read-only'];
  const run = ['run', '--detach', '--name', name, ...isolation, ...options, ...volumes];
  await execa('docker', [...run, '--entrypoint', program, built, ...argv]);
  const running: LoopbackProgram = {
    logs: async () => {
      const { stdout, stderr } = await execa('docker', ['logs', name]);
      return stdout + stderr;
    },
    remove: async () => {
      await execa('docker', ['rm', '--force', '--volumes', name]);
    },
  };
  try {
    await eventually(`${program} is ready`, async () => {
      const { statusCode, body } = await request(readyUrl);
      await body.dump();
      if (statusCode !== 200) throw new Error(`it answered ${statusCode}`);
    });
  } catch (thrown) {
    const logs = await running.logs();
    await running.remove();
    throw new Error(logs, { cause: thrown });
  }
  return running;
}
