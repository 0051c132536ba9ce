import { join } from 'node:path';
import * as z from 'zod';
import type { Files } from '../../core/ports/files.ts';
import { apictlFolder } from '../project.ts';
import type { ReadyTimes, Timeline } from './timings.ts';

/** Service -> milliseconds from its start until it was ready, of the last run that started it. */
export type BootTimes = ReadonlyMap<string, number>;

const fileSchema = z.record(z.string(), z.strictObject({ bootMs: z.number().min(0) }));

const timingsFile = (root: string): string => join(apictlFolder(root), 'timings');

/** What earlier runs took. The file is a cache: without it, or where it is damaged, nothing is expected of any service. */
export async function readBootTimes(files: Pick<Files, 'read'>, root: string): Promise<BootTimes> {
  const bytes = await files.read(timingsFile(root));
  try {
    const entries = fileSchema.parse(JSON.parse(bytes?.toString('utf8') ?? '{}'));
    return new Map(Object.entries(entries).map(([service, { bootMs }]) => [service, bootMs]));
  } catch {
    return new Map();
  }
}

/** Keeps what this run saw beside what it did not start. */
export async function writeBootTimes(
  files: Pick<Files, 'write'>,
  root: string,
  known: BootTimes,
  seen: BootTimes,
): Promise<void> {
  if (seen.size === 0) return;
  const all = [...known, ...seen].map(([service, bootMs]) => [service, { bootMs: Math.round(bootMs) }]);
  await files.write(timingsFile(root), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}

/** How long each service took that this run started. Pure. */
export function bootTimesOf(timeline: Pick<Timeline, 'of'>, ready: ReadyTimes): BootTimes {
  const times = [...ready].flatMap(([service, readyMs]): [string, number][] => {
    const { startedMs } = timeline.of(service);
    return startedMs === null || readyMs < startedMs ? [] : [[service, readyMs - startedMs]];
  });
  return new Map(times);
}
