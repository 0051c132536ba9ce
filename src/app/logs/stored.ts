import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { LogLine } from '../../core/ports/engine.ts';
import type { Level } from '../../logs/level.ts';
import type { Batch } from '../../logs/merge.ts';
import { readSecret } from '../../secrets/read.ts';
import { trustingHttp } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { doorUrl } from '../project/urls.ts';
import type { World } from '../world.ts';

const TIMEOUT_MS = 20_000;
/** Events of one answer; the most that the service gives at once. */
const PAGE = 1_000;

/** The part of the logging service's `GET /api/v1/events` that we read. */
const answerSchema = z.looseObject({
  events: z.array(
    z.looseObject({
      timestamp: z.string().nullish(),
      source: z.string(),
      kind: z.string().nullish(),
      severity_text: z.string().nullish(),
      body: z.string().nullish(),
      request_id: z.string().nullish(),
      attributes: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
type StoredEvent = z.output<typeof answerSchema>['events'][number];

export interface StoredQuery {
  /** RFC 3339. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly requestId?: string | undefined;
  readonly level?: Level | undefined;
  /** `access`: only the gateway's records of requests. */
  readonly kind?: 'access';
}

/**
 * What the logging service keeps, oldest first, page by page.
 * @throws ApictlError LOGGING_UNAVAILABLE (4), SECRET_MISSING (7).
 */
export async function* storedLogs(
  world: Pick<World, 'files' | 'http' | 'signal'>,
  project: Project,
  query: StoredQuery,
): AsyncIterable<Batch> {
  const { config, root } = project;
  const token = await readSecret(world.files, root, 'logging-admin-token');
  const http = trustingHttp(world, project);
  const parameters = new URLSearchParams({ limit: String(PAGE), order: 'asc' });
  for (const [name, value] of Object.entries({
    request_id: query.requestId,
    since: query.since,
    until: query.until,
    level: query.level,
    kind: query.kind,
  }))
    if (value !== undefined) parameters.set(name, value);
  for (;;) {
    const url = `${doorUrl(config, 'loggingAdmin')}/api/v1/events?${parameters}`;
    const response = await http
      .request({
        method: 'GET',
        url,
        headers: { authorization: `Bearer ${token.reveal()}` },
        timeoutMs: TIMEOUT_MS,
        signal: world.signal,
      })
      .catch((thrown: unknown) => {
        throw unavailable('does not answer', thrown);
      });
    if (response.status !== 200)
      throw unavailable(`answered ${response.status}: ${response.body.slice(0, 200)}`);
    const answer = answerSchema.safeParse(parsed(response.body));
    if (!answer.success) throw unavailable('gave an answer that is not a list of events', answer.error);
    const { events, next_cursor } = answer.data;
    if (events.length > 0) yield events.map(lineOf);
    if (next_cursor === null) return;
    parameters.set('cursor', next_cursor);
  }
}

/** An event as the line that it came from, as far as it was kept. */
function lineOf(event: StoredEvent): LogLine {
  const { timestamp, source, kind, severity_text, body, request_id, attributes } = event;
  const ordinary = { level: severity_text, message: body, request_id };
  return {
    service: source,
    container: source,
    stream: 'stdout',
    timestamp: toNanoseconds(timestamp ?? ''),
    text: JSON.stringify(kind === 'access' ? attributes : { ...ordinary, ...attributes }),
  };
}

/** The service keeps microseconds; lines are compared as text, so all have nine digits. */
const toNanoseconds = (timestamp: string): string =>
  timestamp.replace(/(?:\.(\d{1,9})\d*)?Z$/, (_, fraction = '') => `.${fraction.padEnd(9, '0')}Z`);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON is not a list of events either; the schema says so.
    return undefined;
  }
}

const unavailable = (what: string, cause?: unknown) =>
  new ApictlError({
    code: 'LOGGING_UNAVAILABLE',
    exitCode: EXIT.unhealthy,
    message: `the logging service ${what}`,
    object: 'service logging',
    hint: 'See "apictl status"; without --store the containers’ own logs are read.',
    cause,
  });
