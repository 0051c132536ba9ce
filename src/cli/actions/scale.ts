import { configPath } from '../../app/project/project.ts';
import { type ScaleResult, scale } from '../../app/rollout/scale.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { type Context, openProject } from '../context.ts';
import { printRun } from '../report/run-result.ts';

interface Flags {
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly waitLock: number;
}

export const scaleAction = async (context: Context, wish: string, flags: Flags) => {
  const { service, replicas } = wished(wish);
  const project = await openProject(context);
  const result = await scale(context.world, project, {
    service,
    replicas,
    configFile: configPath(context.world, context.globals),
    timeoutSeconds: flags.timeout,
    dryRun: flags.dryRun === true,
    waitLockSeconds: flags.waitLock,
  });
  printRun(context, result, text);
  return EXIT.ok;
};

function wished(wish: string): { service: string; replicas: number } {
  const [, service, digits] = /^([^=]+)=(\d{1,6})$/.exec(wish) ?? [];
  if (service !== undefined && digits !== undefined) return { service, replicas: Number(digits) };
  throw new ApictlError({
    code: 'ARGUMENT_INVALID',
    exitCode: EXIT.usage,
    message: `"${wish}" does not say what is to have how many replicas`,
    object: wish,
    hint: 'Write "apictl scale backend=3".',
  });
}

const text = ({ service, from, to, recordedIn, seconds }: ScaleResult): string =>
  `${service}: ${from === to ? `${to} replicas` : `${from} -> ${to} replicas`} after ${seconds.toFixed(1)} s; ${recordedIn} says so`;
