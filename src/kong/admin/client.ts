import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Http, HttpResponse } from '../../core/ports/http.ts';
import { inParallel } from './parallel.ts';

/** Where Kong's Admin API is and how to get in. */
export interface AdminAddress {
  /** `http://127.0.0.1:8001` */
  readonly url: string;
  /** Sent with every request, as `Kong-Admin-Token`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the authority of an https address. */
  readonly ca?: string;
}

export interface AdminClientOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly admin: AdminAddress;
  /** Requests at a time. Default 20. */
  readonly parallelism?: number;
  /** For one request. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** When to stop trying, in the clock's milliseconds. Default: two minutes from now. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Between 0 and 1, for the jitter of the pauses. */
  readonly random?: () => number;
}

export interface AdminAnswer {
  readonly status: number;
  /** The parsed body; undefined where it was none or no JSON. */
  readonly body: unknown;
  readonly text: string;
}

export interface AdminClient {
  readonly parallelism: number;
  /** Requests that were sent, repetitions included. */
  readonly sent: () => { readonly reads: number; readonly writes: number };
  /** Answers below 500 other than 429 are answers; the rest is tried again and then thrown. */
  readonly send: (method: string, path: string, body?: unknown) => Promise<AdminAnswer>;
  /** Every page of a collection; undefined where Kong has no such collection. */
  readonly list: (
    path: string,
    query?: Readonly<Record<string, string>>,
  ) => Promise<readonly Entity[] | undefined>;
  readonly all: <T, R>(items: readonly T[], work: (item: T) => Promise<R>) => Promise<R[]>;
}

/** An entity as the Admin API gives it. */
export type Entity = Readonly<Record<string, unknown>> & { readonly id: string };

const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_RETRY_AFTER_MS = 30_000;
const PAGE_SIZE = 1000;

const isWorthAnotherTry = (status: number): boolean =>
  status === 429 || [500, 502, 503, 504].includes(status);

/** Talks to the Admin API: retries what may succeed the next time, reads pages to the end, keeps to the parallelism. */
export function adminClient(options: AdminClientOptions): AdminClient {
  const { http, clock, admin, signal } = options;
  const parallelism = options.parallelism ?? 20;
  const random = options.random ?? Math.random;
  const deadlineMs = options.deadlineMs ?? clock.now() + 120_000;
  const base = admin.url.replace(/\/+$/, '');
  const sent = { reads: 0, writes: 0 };
  const isAborted = () => signal?.aborted === true;

  const once = (method: string, path: string, body: unknown): Promise<HttpResponse> => {
    const isRead = method === 'GET' || path.startsWith('/schemas/');
    sent[isRead ? 'reads' : 'writes'] += 1;
    const left = deadlineMs - clock.now();
    return http.request({
      method,
      url: `${base}${path}`,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...admin.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: Math.max(1, Math.min(options.requestTimeoutMs ?? 10_000, left)),
      ...(admin.ca === undefined ? {} : { ca: admin.ca }),
      ...(signal === undefined ? {} : { signal }),
    });
  };

  const send = async (method: string, path: string, body?: unknown): Promise<AdminAnswer> => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await once(method, path, body).catch((thrown: unknown) => {
        if (thrown instanceof ApictlError && thrown.code === 'HTTP_UNREACHABLE') return thrown;
        throw thrown;
      });
      if (!(outcome instanceof ApictlError) && !isWorthAnotherTry(outcome.status)) return answerOf(outcome);
      const pause = pauseMs(attempt, outcome instanceof ApictlError ? undefined : outcome, random);
      const isLate = clock.now() + pause >= deadlineMs;
      if (attempt >= MAX_TRIES || isLate || isAborted()) {
        throw gaveUp(method, path, attempt, outcome, isLate);
      }
      await clock.sleep(pause, signal);
      if (isAborted()) throw gaveUp(method, path, attempt, outcome, false);
    }
  };

  const list = async (path: string, query: Readonly<Record<string, string>> = {}) => {
    const entities: Entity[] = [];
    let offset: string | undefined;
    do {
      // Kong's own `next` drops the query below a parent, so every page is asked for in full.
      const search = new URLSearchParams({
        ...query,
        size: String(PAGE_SIZE),
        ...(offset === undefined ? {} : { offset }),
      });
      const answer = await send('GET', `${path}?${search}`);
      if (answer.status === 404) return undefined;
      const page = answer.body as
        | { data?: unknown; consumers?: unknown; offset?: unknown; next?: unknown }
        | null
        | undefined;
      if (answer.status !== 200) throw refused('GET', path, answer);
      // The members of a group have a name of their own before Kong 3.5.
      const data = entitiesIn(page?.data ?? page?.consumers);
      if (data === undefined) throw noList(path, 'something else than a list of entities');
      for (const entity of data) entities.push(entity);
      const next = typeof page?.offset === 'string' && page.next != null ? page.offset : undefined;
      if (next !== undefined && next === offset) throw noList(path, 'the same page again and again');
      offset = next;
    } while (offset !== undefined);
    return entities;
  };

  return {
    parallelism,
    sent: () => ({ ...sent }),
    send,
    list,
    all: (items, work) => inParallel(items, parallelism, work),
  };
}

/** Hardly anybody looks into the answer to a write that went well: it is parsed when somebody does. */
const answerOf = ({ status, body: text }: HttpResponse): AdminAnswer => ({
  status,
  get body() {
    return parsedBody(text);
  },
  text,
});

function parsedBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    // An HTML page, for example; whoever asked decides what that means.
    return undefined;
  }
}

/** Doubling pauses with full jitter; `Retry-After` counts where Kong gives one. */
function pauseMs(attempt: number, answer: HttpResponse | undefined, random: () => number): number {
  const retryAfter = Number(answer?.headers['retry-after']);
  if (answer?.status === 429 && Number.isFinite(retryAfter) && retryAfter >= 0) {
    return Math.min(retryAfter * 1000, LONGEST_RETRY_AFTER_MS);
  }
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return Math.ceil(longest / 2 + (longest / 2) * random());
}

function gaveUp(
  method: string,
  path: string,
  attempts: number,
  outcome: HttpResponse | ApictlError,
  isLate: boolean,
): ApictlError {
  const shownPath = path.split('?')[0];
  const what =
    outcome instanceof ApictlError
      ? outcome.message
      : `${method} ${shownPath} was answered with ${outcome.status}${messageIn(outcome.body)}`;
  return new ApictlError({
    code: outcome instanceof ApictlError ? 'KONG_UNREACHABLE' : 'KONG_FAILING',
    exitCode: EXIT.kong,
    message: `${what}, ${attempts === 1 ? 'once' : `${attempts} times`}${isLate ? '; the time for it is over' : ''}`,
    object: `${method} ${shownPath}`,
    hint: 'Look at Kong with "apictl status" and "apictl logs kong", then run the command again.',
    cause: outcome instanceof ApictlError ? outcome : undefined,
  });
}

/** Undefined where it is no list of entities; an empty one may come as an empty map. */
function entitiesIn(data: unknown): readonly Entity[] | undefined {
  if (!Array.isArray(data)) {
    return typeof data === 'object' && data !== null && Object.keys(data).length === 0 ? [] : undefined;
  }
  const isEntity = (item: unknown) =>
    typeof item === 'object' && item !== null && typeof (item as Partial<Entity>).id === 'string';
  return data.every(isEntity) ? (data as readonly Entity[]) : undefined;
}

/** Taken for an empty list, it would have everything written anew. */
const noList = (path: string, what: string): ApictlError =>
  new ApictlError({
    code: 'KONG_NOT_KONG',
    exitCode: EXIT.kong,
    message: `GET ${path} was answered with ${what}, as Kong never does`,
    object: `GET ${path}`,
    hint: 'Look at what stands between here and Kong; another address is given with --admin-url.',
  });

/** Kong said no, and would again. */
export function refused(method: string, path: string, answer: AdminAnswer): ApictlError {
  const shownPath = path.split('?')[0] ?? path;
  if (answer.status === 405) {
    return new ApictlError({
      code: 'KONG_DBLESS',
      exitCode: EXIT.kong,
      message: 'Kong refuses to be changed: it runs without a database',
      object: `${method} ${shownPath}`,
      hint: 'Run Kong with KONG_DATABASE=postgres; a DB-less Kong takes its whole configuration from one file.',
    });
  }
  return new ApictlError({
    code: 'KONG_REFUSED',
    exitCode: EXIT.kong,
    message: `Kong answered ${answer.status}${messageIn(answer.text)}`,
    object: `${method} ${shownPath}`,
  });
}

/** `: schema violation (...)` out of an error body, or nothing. Kong's messages repeat values, so secrets are masked by the caller. */
function messageIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const message = (parsed as { message?: unknown } | null)?.message;
    return typeof message === 'string' ? `: ${message}` : '';
  } catch {
    return '';
  }
}
