import { join } from 'node:path';
import * as z from 'zod';
import type { Files } from '../../core/ports/files.ts';
import { stateText } from '../../core/state-file.ts';
import type { SeenBefore } from '../../stack/schedule/apply.ts';
import type { PassedCheck } from '../../stack/schedule/passed-check.ts';
import { apictlFolder } from '../project/project.ts';
import type { ReadyTimes, Timeline } from './timings.ts';

/** Service -> what the last run saw of it that had to do with it. */
export type EarlierRuns = ReadonlyMap<string, SeenBefore>;

const milliseconds = z.number().min(0);
const FORMAT = 1;
const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  services: z.record(
    z.string(),
    z.strictObject({
      bootMs: milliseconds.optional(),
      passed: z.strictObject({ startedMs: milliseconds, passedMs: milliseconds }).optional(),
    }),
  ),
});

const timingsFile = (root: string): string => join(apictlFolder(root), 'timings');

/** What earlier runs saw. The file is a cache: without it, or where it is damaged or of another format, nothing is expected of any service. */
export async function readEarlierRuns(files: Pick<Files, 'read'>, root: string): Promise<EarlierRuns> {
  const bytes = await files.read(timingsFile(root));
  try {
    const { services } = fileSchema.parse(JSON.parse(bytes?.toString('utf8') ?? ''));
    return new Map(
      Object.entries(services).map(([service, { bootMs = null, passed = null }]) => [
        service,
        { bootMs, passed },
      ]),
    );
  } catch {
    return new Map();
  }
}

/** Keeps what this run saw beside what it had nothing to do with; writes where that is news. */
export async function writeEarlierRuns(
  files: Pick<Files, 'write'>,
  root: string,
  known: EarlierRuns,
  seen: EarlierRuns,
): Promise<void> {
  const now = [...seen].map(([service, { bootMs, passed }]): [string, SeenBefore] => {
    const before = known.get(service);
    return [service, { bootMs: bootMs ?? before?.bootMs ?? null, passed: passed ?? before?.passed ?? null }];
  });
  const text = fileText([...known, ...now]);
  if (text !== fileText([...known])) await files.write(timingsFile(root), text);
}

function fileText(entries: readonly (readonly [string, SeenBefore])[]): string {
  const written = entries.map(([service, { bootMs, passed }]) => [
    service,
    { ...(bootMs === null ? {} : { bootMs: Math.round(bootMs) }), ...(passed === null ? {} : { passed }) },
  ]);
  return stateText(FORMAT, { services: Object.fromEntries(written) });
}

/** What this run saw: how long each service took that it started, and which checks passed. Pure. */
export function seenIn(
  timeline: Pick<Timeline, 'of'>,
  ready: ReadyTimes,
  passes: ReadonlyMap<string, PassedCheck>,
): EarlierRuns {
  const seen = [...ready].map(([service, readyMs]): [string, SeenBefore] => {
    const { startedMs } = timeline.of(service);
    const bootMs = startedMs === null || readyMs < startedMs ? null : readyMs - startedMs;
    return [service, { bootMs, passed: passes.get(service) ?? null }];
  });
  return new Map(seen.filter(([, { bootMs, passed }]) => bootMs !== null || passed !== null));
}
