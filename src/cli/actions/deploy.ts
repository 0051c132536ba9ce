import type { ChalkInstance } from 'chalk';
import { deploy } from '../../app/deploy/deploy.ts';
import type { DeployResult, RemoveResult } from '../../app/deploy/model.ts';
import { removeDeployed } from '../../app/deploy/remove.ts';
import { EXIT } from '../../core/errors.ts';
import type { SwarmOperation } from '../../stack/swarm/plan.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { table } from '../report/table.ts';
import { tableText } from '../report/up-text.ts';

interface Flags {
  readonly profile?: readonly string[];
  readonly images?: string;
  readonly seed: boolean;
  readonly build?: boolean;
  readonly pull?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly waitLock: number;
}

export const deployAction = async (context: Context, flags: Flags) => {
  const project = await openProject(context, { profiles: flags.profile, images: flags.images });
  const result = await deploy(context.world, project, {
    seed: flags.seed,
    build: flags.build === true,
    pull: flags.pull === true,
    timeoutSeconds: flags.timeout,
    dryRun: flags.dryRun === true,
    waitLockSeconds: flags.waitLock,
  });
  if ('plan' in result) printResult(context, result.plan, planText);
  else printResult(context, result, deployText);
  return EXIT.ok;
};

export const removeAction = async (context: Context, flags: Pick<Flags, 'waitLock'>) => {
  const project = await openProject(context);
  const result = await removeDeployed(context.world, project, { waitLockSeconds: flags.waitLock });
  printResult(context, result, removeText);
  return EXIT.ok;
};

const planText = (plan: readonly SwarmOperation[], paint: ChalkInstance): string =>
  table(
    ['SERVICE', 'DOES', 'WHY'],
    plan.map(({ service, action, why }) => [service, action, why]),
    paint,
  );

function deployText(result: DeployResult, paint: ChalkInstance): string {
  const isIdle = result.services.every(({ action }) => action === 'unchanged');
  const changed = result.services.filter(({ action }) => action !== 'unchanged');
  const seconds = `${result.seconds.toFixed(1)} s`;
  const sections = [
    ...(isIdle
      ? []
      : [
          tableText(result.table, paint),
          '',
          table(
            ['SERVICE', 'WAS', 'WHY'],
            changed.map(({ name, action, why }) => [name, action, why]),
            paint,
          ),
          ...result.removedObjects.map((name) => paint.dim(`removed: ${name}, which nothing used any more`)),
          '',
        ]),
    ...Object.entries(result.urls).map(([name, url]) => `${name.padEnd(14)} ${url}`),
  ];
  const end = isIdle ? `, nothing to do (${seconds})` : ` on Swarm after ${seconds}`;
  return [...sections, '', `${paint.green('healthy')}${end}`].join('\n');
}

function removeText({ removed, volumes }: RemoveResult): string {
  if (removed.length === 0) return 'nothing was deployed';
  const kept =
    volumes.length === 0
      ? ''
      : `; the data of ${volumes.length} volumes stays ("apictl down --volumes" removes it)`;
  return `removed ${removed.length} services${kept}`;
}
