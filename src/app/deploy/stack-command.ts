import { ApictlError, EXIT } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import type { World } from '../world.ts';

const LAST_LINES = 20;

/**
 * Runs `docker stack` with these words as one step, and what else belongs to it.
 * @throws ApictlError STACK_REFUSED (5) with what the command said
 */
export function stackCommand(
  world: Pick<World, 'commands' | 'emit' | 'clock' | 'signal'>,
  name: string,
  words: readonly string[],
  afterwards: () => Promise<void> = async () => {},
): Promise<void> {
  return step(world.emit, name, world.clock.now, async (progress) => {
    const argv = ['docker', 'stack', ...words];
    const { exitCode, stderr } = await world.commands.run(argv, { onLine: progress, signal: world.signal });
    if (exitCode !== 0) throw refused(words, exitCode, stderr);
    await afterwards();
  });
}

function refused(words: readonly string[], exitCode: number, stderr: string): ApictlError {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return new ApictlError({
    code: 'STACK_REFUSED',
    exitCode: EXIT.engine,
    message: `docker stack ${words[0]} failed: ${lines.at(-1) ?? `exit code ${exitCode}`}`,
    object: `stack ${words.at(-1)}`,
    details: lines.slice(-LAST_LINES),
    hint: 'What was done before it stays; when the reason is mended, run the same command again.',
  });
}
