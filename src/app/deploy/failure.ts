import { ApictlError, EXIT } from '../../core/errors.ts';
import { maskOfSecrets } from '../project/masking.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import type { FailedService, Followed } from './follow.ts';
import type { Manager } from './preflight.ts';

const LAST_LINES = 20;

/** @returns ApictlError DEPLOY_FAILED (4) that names services, tasks, their errors and the end of their logs */
export async function deployFailed(
  world: Pick<World, 'engine' | 'files' | 'emit'>,
  project: Project,
  { failed, ready, open, isLate }: Followed,
  { nodes }: Manager,
): Promise<ApictlError> {
  const mask = await maskOfSecrets(world, project);
  const nodeName = (id: string): string =>
    nodes.find((node) => node.id === id)?.name ?? (id === '' ? 'no node' : id);
  const reports = await Promise.all(failed.map(async (one) => ({ one, lines: await logOf(world, one) })));
  for (const { service, why, task } of failed)
    world.emit({
      type: 'service.failed',
      service,
      reason: mask(task === null ? why : `${why}: ${task.error}`),
    });
  const missing = failed.some(({ task }) => /No such image/i.test(task?.error ?? ''));
  const late = isLate && failed.length === 0;
  return new ApictlError({
    code: late ? 'DEPLOY_TIMEOUT' : 'DEPLOY_FAILED',
    exitCode: EXIT.unhealthy,
    message: late
      ? `the time is over, and ${open.join(', ')} ${open.length === 1 ? 'is' : 'are'} not ready`
      : failed
          .map(({ service, why, task }) =>
            mask(`${service}: ${why}${task === null ? '' : ` (task ${task.id}: ${task.error})`}`),
          )
          .join('; '),
    object: (late ? open : failed.map(({ service }) => service)).map((name) => `service ${name}`).join(', '),
    details: [
      ...reports.flatMap(({ one: { service, task, isRolledBack }, lines }) => [
        ...(task === null
          ? []
          : [
              mask(`task ${task.id} of ${service} on ${nodeName(task.nodeId)}: ${task.state}: ${task.error}`),
            ]),
        ...(lines.length === 0
          ? []
          : [`last lines of ${service}:`, ...lines.map((line) => `  ${mask(line)}`)]),
        ...(isRolledBack ? [`${service} runs as it did before`] : []),
      ]),
      ...(ready.size === 0 ? [] : [`ready: ${[...ready.keys()].join(', ')}`]),
      ...(late || open.length === 0 ? [] : [`not ready: ${open.join(', ')}`]),
    ],
    hint: missing
      ? 'Bring the image to that node ("docker save", "docker load"), or name one that its registry has.'
      : `Correct it and run "apictl deploy" again; "docker service ps --no-trunc ${project.config.project}_${(failed[0]?.service ?? open[0]) || ''}" shows its tasks.`,
  });
}

/** The end of what the task's container wrote, where it is on this node. */
async function logOf({ engine }: Pick<World, 'engine'>, { task }: FailedService): Promise<string[]> {
  if (task === null || task.containerId === null) return [];
  const lines = await engine.tail(task.containerId, LAST_LINES).catch(() => []);
  return lines.map(({ text }) => text);
}
