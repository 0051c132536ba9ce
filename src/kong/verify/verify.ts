import { ApictlError, messageOf } from '../../core/errors.ts';
import { INTERRUPTED } from '../../core/interruption.ts';
import type { HttpResponse } from '../../core/ports/http.ts';
import { inParallel } from '../admin/parallel.ts';
import { declaredOf, type SeedInput } from '../seed.ts';
import { type Probe, probesOf } from './probe.ts';
import { type ShareProbe, shareProbe, type WhoAnswers } from './shares.ts';

export interface VerifyInput
  extends Pick<SeedInput, 'http' | 'clock' | 'files' | 'placeholders' | 'stack' | 'parallelism' | 'signal'> {
  readonly proxy: ProxyAddress;
  readonly who?: WhoAnswers;
  /** How long a route may need until Kong's workers follow. Default 10,000. */
  readonly patienceMs?: number;
}

/** Where Kong's proxy is; a door that is not given is not asked. */
export interface ProxyAddress {
  /** `http://127.0.0.1:8000` */
  readonly url?: string | undefined;
  /** `https://127.0.0.1:8443` */
  readonly tlsUrl?: string | undefined;
  /** PEM of the authority of its certificate. */
  readonly ca?: string | undefined;
  /** The name that its certificate must hold for; the URL's host where absent. */
  readonly serverName?: string | undefined;
}

export interface Verified {
  readonly requests: number;
  readonly failures: number;
  readonly routes: readonly RouteVerdict[];
}

export interface RouteVerdict {
  readonly route: string;
  readonly door: 'http' | 'https' | null;
  /** Null where it cannot be told from the file. */
  readonly ok: boolean | null;
  readonly found: string;
}

const PAUSE_MS = 200;
const SHARE_TOLERANCE = 0.02;
const PARALLELISM = 20;

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
  const isAsked = ({ tls }: Probe): boolean => (tls ? input.proxy.tlsUrl : input.proxy.url) !== undefined;
  const derived = probesOf(declared).filter((one) => 'why' in one || isAsked(one.probe));
  const routes = await inParallel(derived, input.parallelism ?? PARALLELISM, async (one) =>
    'why' in one
      ? { route: one.route, door: null, ok: null, found: one.why }
      : verdict(input, one.probe, send, deadlineMs),
  );
  const { who } = input;
  if (who !== undefined && declared.some(({ kind, key }) => kind === 'upstream' && key === who.upstream)) {
    const name = `targets of ${who.upstream}`;
    const found = shareProbe(declared, who);
    if ('why' in found) routes.push({ route: name, door: null, ok: null, found: found.why });
    else
      for (const probe of found.probes.filter(isAsked)) {
        routes.push(await shareVerdict(input, { ...found, probe, name, field: who.field }, send, deadlineMs));
      }
  }
  return { requests, failures: routes.filter(({ ok }) => ok === false).length, routes };
}

type Send = (probe: Probe) => Promise<HttpResponse>;

const doorOf = ({ tls }: Probe): 'http' | 'https' => (tls ? 'https' : 'http');

async function verdict(
  { clock, signal }: VerifyInput,
  probe: Probe,
  send: Send,
  deadlineMs: number,
): Promise<RouteVerdict> {
  const door = doorOf(probe);
  for (;;) {
    const problem = await send(probe).then(
      (response) => problemIn(response, probe),
      (thrown: unknown) => {
        if (thrown instanceof ApictlError && thrown.code === INTERRUPTED) throw thrown;
        return messageOf(thrown);
      },
    );
    if (problem === undefined) return { route: probe.route, door, ok: true, found: 'served' };
    // The route asks for a host, and so does TLS: what certificate it has there is not what is verified here.
    const isOtherCertificate = probe.tls && probe.host !== undefined && problem.includes('certificate');
    if (isOtherCertificate) return { route: probe.route, door, ok: null, found: problem };
    if (clock.now() + PAUSE_MS > deadlineMs || signal?.aborted === true) {
      // A limit that others have used up says nothing about the route, which was found.
      const isUsedUp = probe.isLimited && problem.startsWith('Kong answered 429 ');
      return { route: probe.route, door, ok: isUsedUp ? null : false, found: problem };
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
  const message = fieldIn(body, 'message');
  return typeof message === 'string' ? `: ${message}` : '';
}

/** Asks until the answers are shared as the weights say, or patience is over. */
async function shareVerdict(
  input: VerifyInput,
  { probe, name, field, shares, requests }: ShareProbe & { probe: Probe; name: string; field: string },
  send: Send,
  deadlineMs: number,
): Promise<RouteVerdict> {
  const allowed = Math.max(1, requests * SHARE_TOLERANCE);
  for (;;) {
    const counts = new Map<string, number>();
    for (let i = 0; i < requests; i += 1) {
      const answered = await send(probe).then(
        ({ body }) => String(fieldIn(body, field)),
        () => 'nobody',
      );
      counts.set(answered, (counts.get(answered) ?? 0) + 1);
    }
    const parts = [...new Set([...Object.keys(shares), ...counts.keys()])].sort().map((answered) => ({
      answered,
      count: counts.get(answered) ?? 0,
      share: (shares[answered] ?? 0) * requests,
    }));
    const isFair = parts.every(
      ({ answered, count, share }) => answered in shares && Math.abs(count - share) <= allowed,
    );
    const isOver = input.clock.now() + PAUSE_MS > deadlineMs || input.signal?.aborted === true;
    if (isFair || isOver) {
      return { route: name, door: doorOf(probe), ok: isFair, found: sharesText(parts, isFair) };
    }
    await input.clock.sleep(PAUSE_MS, input.signal);
  }
}

interface Part {
  /** A target's name, or `nobody`. */
  readonly answered: string;
  readonly count: number;
  readonly share: number;
}

/** `backend-1 45 instead of 30, backend-2 0 instead of 30`: who is missing is named too. */
const sharesText = (parts: readonly Part[], isFair: boolean): string =>
  parts
    .map(({ answered, count, share }) =>
      isFair ? `${answered} ${count}` : `${answered} ${count} instead of ${Math.round(share)}`,
    )
    .join(', ');

function fieldIn(body: string, field: string): unknown {
  try {
    return (JSON.parse(body) as Record<string, unknown> | null)?.[field];
  } catch {
    return undefined;
  }
}

const request = (input: VerifyInput, probe: Probe): Promise<HttpResponse> =>
  input.http.request({
    method: probe.method,
    url: `${((probe.tls ? input.proxy.tlsUrl : input.proxy.url) ?? '').replace(/\/+$/, '')}${probe.path}`,
    headers: { ...probe.headers, ...(probe.host === undefined ? {} : { host: probe.host }) },
    timeoutMs: 5_000,
    ...(probe.tls && input.proxy.ca !== undefined ? { ca: input.proxy.ca } : {}),
    ...(probe.tls && input.proxy.serverName !== undefined ? { serverName: input.proxy.serverName } : {}),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });
