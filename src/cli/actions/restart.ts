import { type RestartResult, restart } from '../../app/rollout/restart.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject } from '../context.ts';
import { printRun } from '../report/run-result.ts';

interface Flags {
  readonly rolling?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly waitLock: number;
}

export const restartAction = async (context: Context, services: readonly string[], flags: Flags) => {
  const project = await openProject(context);
  const result = await restart(context.world, project, {
    services,
    rolling: flags.rolling === true,
    timeoutSeconds: flags.timeout,
    dryRun: flags.dryRun === true,
    waitLockSeconds: flags.waitLock,
  });
  printRun(context, result, text);
  return EXIT.ok;
};

const text = ({ services, seconds }: RestartResult): string =>
  `restarted ${services.map(({ name }) => name).join(', ')}; ready after ${seconds.toFixed(1)} s`;
