import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Project } from '../project/project.ts';
import type { Status } from '../status/model.ts';
import type { World } from '../world.ts';
import { prometheusUrl } from './doors.ts';
import { evaluatedAlerts } from './evaluated.ts';

/** Alerts that Prometheus evaluates as pending or firing; a warning where it runs and does not answer. */
export async function firingAlerts(
  world: Pick<World, 'files' | 'http'>,
  project: Project,
  containers: readonly ContainerSummary[],
): Promise<{ list: Status['alerts']; warnings: string[] }> {
  const running = containers.some(({ service, state }) => service === 'prometheus' && state === 'running');
  if (!running) return { list: [], warnings: [] };
  try {
    const list = (await evaluatedAlerts(world, project))
      .map(({ state, labels }) => ({
        name: labels.alertname ?? 'unnamed',
        severity: labels.severity ?? 'none',
        state,
      }))
      // The watchdog fires always: it says that alerting works, not that something is wrong.
      .filter(({ severity }) => severity !== 'none');
    const firing = list.filter(({ state }) => state === 'firing').map(({ name }) => name);
    return {
      list,
      warnings: firing.length === 0 ? [] : [`alerts are firing: ${[...new Set(firing)].join(', ')}`],
    };
  } catch {
    return {
      list: [],
      warnings: [`Prometheus does not answer at ${prometheusUrl(project)}, so its alerts are unknown`],
    };
  }
}
