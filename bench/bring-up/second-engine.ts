import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAME = 'bench';

/**
 * Runs the work with a second Docker Engine of another version as the selected one: its own data, its own Compose, the images of
 * the first. It is removed with all that it has.
 * @throws where no second engine can be started, as on a machine that is not Linux
 */
export async function onSecondEngine<T>(version: string, work: () => Promise<T>): Promise<T> {
  const second = (...words: string[]) => execa('scripts/engine/second-engine.sh', words, { cwd: ROOT });
  const before = { ...process.env };
  try {
    await second('start', NAME, '--version', version);
    await second('images', NAME);
    for (const line of (await second('env', NAME)).stdout.split('\n')) {
      const [name = '', value = ''] = line.split('=');
      process.env[name] = value;
    }
    return await work();
  } finally {
    for (const name of ['DOCKER_HOST', 'DOCKER_CONFIG']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await second('stop', NAME);
  }
}
