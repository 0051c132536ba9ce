import type { Labels } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { alertmanagerOf } from './doors.ts';
import { refuseUnknown } from './known.ts';

export interface SilenceRequest {
  readonly labels: Labels;
  readonly forMs: number;
  readonly by: string;
  readonly comment: string;
}

/**
 * Keeps alerts with these labels from every receiver for a while. Answers the silence's id and its end.
 * @throws ApictlError ALERT_UNKNOWN (64) for the name of an alert that no rule has and that does not fire
 */
export async function silence(
  world: Pick<World, 'files' | 'http' | 'clock' | 'packageRoot'>,
  project: Project,
  { labels, forMs, by, comment }: SilenceRequest,
): Promise<{ readonly id: string; readonly until: string }> {
  if (labels.alertname !== undefined) await refuseUnknown(world, project, labels.alertname);
  const nowMs = world.clock.now();
  const until = new Date(nowMs + forMs).toISOString();
  const id = await alertmanagerOf(world, project).silence({
    labels,
    startsAt: new Date(nowMs).toISOString(),
    endsAt: until,
    createdBy: by,
    comment,
  });
  return { id, until };
}

/** Ends a silence now. */
export const unsilence = (
  world: Pick<World, 'files' | 'http'>,
  project: Project,
  id: string,
): Promise<void> => alertmanagerOf(world, project).unsilence(id);
