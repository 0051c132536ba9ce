import * as z from 'zod';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Project } from '../project.ts';
import type { Status } from '../status.ts';
import { hostOf } from '../urls.ts';
import type { World } from '../world.ts';

/** The part of Prometheus' `/api/v1/alerts` that we read. */
const answerSchema = z.object({
  data: z.object({
    alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })),
  }),
});

const TIMEOUT_MS = 3_000;

/** Alerts that Prometheus evaluates as pending or firing; a warning where it runs and does not answer. */
export async function firingAlerts(
  world: Pick<World, 'http'>,
  { config }: Project,
  containers: readonly ContainerSummary[],
): Promise<{ list: Status['alerts']; warnings: string[] }> {
  const running = containers.some(({ service, state }) => service === 'prometheus' && state === 'running');
  if (!running) return { list: [], warnings: [] };
  const url = `http://${hostOf(config.bind)}:${config.ports.prometheus}/api/v1/alerts`;
  try {
    const response = await world.http.request({ method: 'GET', url, timeoutMs: TIMEOUT_MS });
    const { data } = answerSchema.parse(JSON.parse(response.body));
    const list = data.alerts
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
    return { list: [], warnings: [`Prometheus does not answer at ${url}, so its alerts are unknown`] };
  }
}
