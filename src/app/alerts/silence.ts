import { ApictlError, EXIT } from '../../core/errors.ts';
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

/** Ends a silence now. @throws ApictlError SILENCE_UNKNOWN (64) where none of this id holds or will hold */
export async function unsilence(
  world: Pick<World, 'files' | 'http'>,
  project: Project,
  id: string,
): Promise<void> {
  const alertmanager = alertmanagerOf(world, project);
  const ids = (await alertmanager.silences()).map((silence) => silence.id);
  if (!ids.includes(id)) throw silenceUnknown(id, ids);
  await alertmanager.unsilence(id);
}

const silenceUnknown = (id: string, ids: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'SILENCE_UNKNOWN',
    exitCode: EXIT.usage,
    message: `there is no silence ${id} that holds`,
    object: `silence ${id}`,
    hint: ids.length === 0 ? 'No silence holds; nothing has to be removed.' : `There are: ${ids.join(', ')}.`,
  });
