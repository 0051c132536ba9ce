import type { Labels, NotifiedAlert } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { alertmanagerOf } from './doors.ts';
import { evaluatedAlerts } from './evaluated.ts';
import type { AlertList } from './model.ts';

/**
 * What Prometheus evaluates as pending or firing, with what Alertmanager makes of it, and the silences that hold.
 * @throws ApictlError PROMETHEUS_UNAVAILABLE, ALERTMANAGER_UNAVAILABLE (4)
 */
export async function listAlerts(world: Pick<World, 'files' | 'http'>, project: Project): Promise<AlertList> {
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
