import type { Labels } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { alertmanagerOf } from './doors.ts';

export interface SilenceRequest {
  readonly labels: Labels;
  readonly forMs: number;
  readonly by: string;
  readonly comment: string;
}

/** Keeps alerts with these labels from every receiver for a while. Answers the silence's id and its end. */
export async function silence(
  world: Pick<World, 'files' | 'http' | 'clock'>,
  project: Project,
  { labels, forMs, by, comment }: SilenceRequest,
): Promise<{ readonly id: string; readonly until: string }> {
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
