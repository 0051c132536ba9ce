import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Labels, NotifiedAlert } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project.ts';
import type { World } from '../world.ts';
import { alertmanagerOf, prometheusUrl } from './doors.ts';
import type { AlertList } from './model.ts';

/** The part of Prometheus' `/api/v1/alerts` that we read. */
const prometheusSchema = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        state: z.enum(['pending', 'firing']),
        activeAt: z.string(),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
      }),
    ),
  }),
});

const TIMEOUT_MS = 5_000;

/**
 * What Prometheus evaluates as pending or firing, with what Alertmanager makes of it, and the silences that hold.
 * @throws ApictlError PROMETHEUS_UNAVAILABLE, ALERTMANAGER_UNAVAILABLE (4)
 */
export async function listAlerts(world: Pick<World, 'http'>, project: Project): Promise<AlertList> {
  const alertmanager = alertmanagerOf(world, project);
  const [evaluated, notified, silences] = await Promise.all([
    evaluatedAlerts(world, project),
    alertmanager.alerts(),
    alertmanager.silences(),
  ]);
  return {
    alerts: evaluated.map(({ state, activeAt, labels, annotations }) => ({
      name: labels.alertname ?? 'unnamed',
      severity: labels.severity ?? 'none',
      state: state === 'pending' ? state : stateOf(labels, notified),
      since: activeAt,
      labels,
      summary: annotations.summary ?? '',
      runbook: annotations.runbook ?? '',
    })),
    silences: silences.map(({ id, matchers, endsAt, createdBy, comment }) => ({
      id,
      labels: Object.fromEntries(matchers.map(({ name, value }) => [name, value])),
      until: endsAt,
      by: createdBy,
      comment,
    })),
  };
}

/** Alertmanager adds Prometheus' external labels, so its labels contain those of the rule. */
function stateOf(labels: Labels, notified: readonly NotifiedAlert[]): 'firing' | 'silenced' | 'inhibited' {
  const found = notified.find((alert) =>
    Object.entries(labels).every(([name, value]) => alert.labels[name] === value),
  );
  if (found === undefined || found.state !== 'suppressed') return 'firing';
  return found.silencedBy.length > 0 ? 'silenced' : 'inhibited';
}

async function evaluatedAlerts({ http }: Pick<World, 'http'>, project: Project) {
  const url = `${prometheusUrl(project)}/api/v1/alerts`;
  const response = await http
    .request({ method: 'GET', url, timeoutMs: TIMEOUT_MS })
    .catch((thrown: unknown) => {
      throw unavailable(url, thrown);
    });
  if (response.status !== 200) throw unavailable(url, new Error(`it answered ${response.status}`));
  return prometheusSchema.parse(JSON.parse(response.body)).data.alerts;
}

const unavailable = (url: string, cause: unknown) =>
  new ApictlError({
    code: 'PROMETHEUS_UNAVAILABLE',
    exitCode: EXIT.unhealthy,
    message: `Prometheus does not answer at ${url}`,
    object: 'prometheus',
    hint: 'Look at "apictl status"; it is part of the profile monitoring.',
    cause,
  });
