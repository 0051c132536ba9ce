import { ApictlError, messageOf } from '../core/errors.ts';
import type { HttpResponse } from '../core/ports/http.ts';
import { declaredOf, type SeedInput } from './seed.ts';
import { type Probe, probesOf } from './verify-probe.ts';

export interface VerifyInput
  extends Pick<SeedInput, 'http' | 'clock' | 'files' | 'placeholders' | 'stack' | 'signal'> {
  /** `http://127.0.0.1:8000` */
  readonly proxyUrl: string;
  /** `https://127.0.0.1:8443`, with the authority of its certificate. */
  readonly proxyTlsUrl: string;
  readonly ca?: string;
  /**
   * A path whose answer names the instance that gave it, and the instances that must give it in equal shares. Only whoever knows the
   * service knows such a path, so that it is not in the file.
   */
  readonly shares?: { readonly path: string; readonly field: string; readonly instances: readonly string[] };
  /** How long a route may need until Kong's workers follow. Default 10,000. */
  readonly patienceMs?: number;
}

export interface Verified {
  readonly requests: number;
  readonly failures: number;
  readonly routes: readonly RouteVerdict[];
}

export interface RouteVerdict {
  readonly route: string;
  readonly door: 'http' | 'https' | null;
  /** Null where no request could be derived from the file. */
  readonly ok: boolean | null;
  readonly found: string;
}

const PAUSE_MS = 200;
const REQUESTS_PER_INSTANCE = 30;
const SHARE_TOLERANCE = 0.02;

/**
 * Sends real requests to every route that can be derived from the file, over both ports, after waiting for Kong's workers to follow.
 * A route is fine when the service behind it answered, whatever it said; `failures` counts what is not.
 */
export async function verifySeed(input: VerifyInput): Promise<Verified> {
  const declared = await declaredOf(input);
  const deadlineMs = input.clock.now() + (input.patienceMs ?? 10_000);
  let requests = 0;
  const send = (probe: Probe): Promise<HttpResponse> => {
    requests += 1;
    return request(input, probe);
  };
  const routes: RouteVerdict[] = [];
  for (const derived of probesOf(declared)) {
    if ('why' in derived) routes.push({ route: derived.route, door: null, ok: null, found: derived.why });
    else routes.push(await verdict(input, derived.probe, send, deadlineMs));
  }
  if (input.shares !== undefined) {
    for (const tls of [false, true]) routes.push(await shareVerdict(input, tls, send, deadlineMs));
  }
  return { requests, failures: routes.filter(({ ok }) => ok === false).length, routes };
}

type Send = (probe: Probe) => Promise<HttpResponse>;

async function verdict(
  { clock, signal }: VerifyInput,
  probe: Probe,
  send: Send,
  deadlineMs: number,
): Promise<RouteVerdict> {
  const door = probe.tls ? 'https' : 'http';
  for (;;) {
    const problem = await send(probe).then(
      (response) => problemIn(response, probe),
      (thrown: unknown) => {
        if (thrown instanceof ApictlError && thrown.code === 'INTERRUPTED') throw thrown;
        return messageOf(thrown);
      },
    );
    if (problem === undefined) return { route: probe.route, door, ok: true, found: 'served' };
    // The route asks for a host, and so does TLS: what certificate it has there is not what is verified here.
    const isOtherCertificate = probe.tls && probe.host !== undefined && problem.includes('certificate');
    if (isOtherCertificate) return { route: probe.route, door, ok: null, found: problem };
    if (clock.now() + PAUSE_MS > deadlineMs || signal?.aborted === true) {
      return { route: probe.route, door, ok: false, found: problem };
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

/** Kong adds the time that the service took only when there was one; without it Kong answered by itself. */
function problemIn({ status, headers, body }: HttpResponse, probe: Probe): string | undefined {
  if (probe.terminatedWith !== undefined) {
    return status === probe.terminatedWith
      ? undefined
      : `answered ${status} instead of ${probe.terminatedWith}`;
  }
  const isFromService = headers['x-kong-upstream-latency'] !== undefined && ![502, 503, 504].includes(status);
  if (isFromService) return undefined;
  return `Kong answered ${status} by itself${messageIn(body)}`;
}

function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? `: ${message}` : '';
  } catch {
    return '';
  }
}

async function shareVerdict(
  input: VerifyInput,
  tls: boolean,
  send: Send,
  deadlineMs: number,
): Promise<RouteVerdict> {
  const { path, field, instances } = input.shares ?? { path: '/', field: '', instances: [] };
  const probe: Probe = {
    route: path,
    tls,
    method: 'GET',
    path,
    host: undefined,
    headers: {},
    terminatedWith: undefined,
  };
  for (;;) {
    const counts = new Map<string, number>();
    for (let i = 0; i < REQUESTS_PER_INSTANCE * instances.length; i += 1) {
      const name = await send(probe).then(
        ({ body }) => String(fieldIn(body, field)),
        () => 'nobody',
      );
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const allowed = Math.max(1, REQUESTS_PER_INSTANCE * instances.length * SHARE_TOLERANCE);
    const isFair =
      counts.size === instances.length &&
      instances.every((name) => Math.abs((counts.get(name) ?? 0) - REQUESTS_PER_INSTANCE) <= allowed);
    const found = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
    const isOver = input.clock.now() + PAUSE_MS > deadlineMs || input.signal?.aborted === true;
    if (isFair || isOver)
      return { route: `targets behind ${path}`, door: tls ? 'https' : 'http', ok: isFair, found };
    await input.clock.sleep(PAUSE_MS, input.signal);
  }
}

function fieldIn(body: string, field: string): unknown {
  try {
    return (JSON.parse(body) as Record<string, unknown>)[field];
  } catch {
    return undefined;
  }
}

const request = (input: VerifyInput, probe: Probe): Promise<HttpResponse> =>
  input.http.request({
    method: probe.method,
    url: `${(probe.tls ? input.proxyTlsUrl : input.proxyUrl).replace(/\/+$/, '')}${probe.path}`,
    headers: { ...probe.headers, ...(probe.host === undefined ? {} : { host: probe.host }) },
    timeoutMs: 5_000,
    ...(probe.tls && input.ca !== undefined ? { ca: input.ca } : {}),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });
