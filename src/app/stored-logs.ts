import { z } from 'zod';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { LogLine } from '../core/ports/engine.ts';
import { readSecret } from '../secrets/read.ts';
import type { Project } from './project.ts';
import { hostOf } from './urls.ts';
import type { World } from './world.ts';

const TIMEOUT_MS = 10_000;
const LIMIT = 1_000;

/** The part of the logging service's `GET /api/v1/events` that we read. */
const answerSchema = z.object({
  events: z.array(
    z.looseObject({
      timestamp: z.string().nullable(),
      source: z.string(),
      body: z.string().nullable().optional(),
    }),
  ),
});

export interface StoredQuery {
  readonly services: readonly string[];
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly requestId?: string | undefined;
}

/**
 * What the logging service keeps, oldest first: the newest 1,000 events that match.
 * @throws ApictlError LOGGING_UNAVAILABLE (4), SECRET_MISSING (7).
 */
export async function storedLogs(world: World, project: Project, query: StoredQuery): Promise<LogLine[]> {
  const { config, root } = project;
  const token = await readSecret(world.files, root, 'logging-admin-token');
  const parameters = new URLSearchParams({ limit: String(LIMIT) });
  if (query.requestId !== undefined) parameters.set('request_id', query.requestId);
  if (query.sinceMs !== undefined) parameters.set('since', new Date(query.sinceMs).toISOString());
  if (query.untilMs !== undefined) parameters.set('until', new Date(query.untilMs).toISOString());
  const url = `http://${hostOf(config.bind)}:${config.ports.loggingAdmin}/api/v1/events?${parameters}`;
  const headers = { authorization: `Bearer ${token.reveal()}` };
  const response = await world.http.request({
    method: 'GET',
    url,
    headers,
    timeoutMs: TIMEOUT_MS,
    signal: world.signal,
  });
  if (response.status !== 200) throw unavailable(response.status);
  const { events } = answerSchema.parse(JSON.parse(response.body));
  return events
    .filter(({ source }) => query.services.length === 0 || query.services.includes(source))
    .map((event) => ({
      service: event.source,
      container: event.source,
      stream: 'stdout' as const,
      timestamp: event.timestamp ?? '',
      text: JSON.stringify(event),
    }))
    .reverse();
}

const unavailable = (status: number) =>
  new ApictlError({
    code: 'LOGGING_UNAVAILABLE',
    exitCode: EXIT.unhealthy,
    message: `the logging service answered ${status}`,
    object: 'service logging',
    hint: 'See "apictl status"; without --store the containers’ own logs are read.',
  });
