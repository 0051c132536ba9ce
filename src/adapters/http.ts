import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import type * as Undici from 'undici';
import type { Agent } from 'undici';
import { ApictlError, EXIT, messageOf } from '../core/errors.ts';
import { interruption } from '../core/interruption.ts';
import type { Http, HttpRequest, HttpResponse } from '../core/ports/http.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
/** An answer is read whole, and whoever answers must not fill the memory. */
const LARGEST_ANSWER_BYTES = 128 * 1024 * 1024;

/** What a person calls the failures that a client meets, by the code that the system or the TLS library gives. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by a trusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a trusted authority',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is larger than 128 MiB',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
};

export interface HttpAdapter extends Http {
  /** Closes the kept connections, at once. */
  close(): Promise<void>;
}

/**
 * The HTTP port on undici. Connections are kept and reused, with one pool for each set of trusted authorities and name; redirects are
 * answers like others, and proxies of the environment are not used: what we ask is on this machine or named by the user.
 */
export function createHttp(): HttpAdapter {
  const agents = new Map<string, Agent>();
  const agentFor = ({ Agent }: typeof Undici.default, { ca, serverName }: HttpRequest): Agent => {
    const key = `${serverName ?? ''}\n${ca ?? ''}`;
    const known = agents.get(key);
    if (known !== undefined) return known;
    const connect = {
      ...(ca === undefined ? {} : { ca }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    };
    const agent = new Agent({ connect, maxResponseSize: LARGEST_ANSWER_BYTES });
    agents.set(key, agent);
    return agent;
  };
  return {
    request: async (request) => {
      // By its default: a bundle knows the names of a CommonJS library only as members of that.
      const { default: undici } = await import('undici');
      return send(request, undici, agentFor(undici, request));
    },
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

async function send(
  request: HttpRequest,
  undici: typeof Undici.default,
  dispatcher: Agent,
): Promise<HttpResponse> {
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const url = parsedUrl(request.url);
  const patience = patienceFor(timeoutMs, request.signal);
  const started = performance.now();
  try {
    const answer = await undici.request(url, {
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      dispatcher,
      signal: patience.signal,
      // The signal above is the only clock: it runs until the last byte, theirs start again at each part.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const body = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: plainHeaders(answer.headers),
      body,
      durationMs: performance.now() - started,
    };
  } catch (thrown) {
    if (request.signal?.aborted === true) {
      throw interruption(request.signal, {
        message: 'interrupted while waiting for an answer',
        object: shownUrl(url),
        cause: thrown,
      });
    }
    throw unreachable(request.method, url, patience.isOver() ? timeoutMs : undefined, thrown);
  } finally {
    patience.release();
  }
}

/** Aborts when the time is over or another signal does; a tenth of the work of `AbortSignal.any`, which counts at a thousand requests. */
function patienceFor(timeoutMs: number, other: AbortSignal | undefined) {
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort();
  }, timeoutMs);
  const follow = () => controller.abort();
  if (other?.aborted === true) follow();
  // One signal ends many requests at a time, and more than ten listeners of it are no leak.
  if (other !== undefined) setMaxListeners(0, other);
  other?.addEventListener('abort', follow);
  return {
    signal: controller.signal,
    isOver: () => isOver,
    release: () => {
      clearTimeout(timer);
      other?.removeEventListener('abort', follow);
    },
  };
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ApictlError({
      code: 'URL_INVALID',
      exitCode: EXIT.usage,
      message: 'this is not an HTTP address',
      object: text.replace(/\/\/[^/@]*@/, '//'),
      hint: 'Give it with its scheme, as http://127.0.0.1:8001.',
    });
  }
  return url;
}

/** Without user, password and query: an address may carry a secret there, and errors are shown and stored. */
const shownUrl = (url: URL): string => `${url.origin}${url.pathname}`;

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

function unreachable(method: string, url: URL, timedOutMs: number | undefined, thrown: unknown): ApictlError {
  const systemCode = firstSystemCode(thrown);
  const words =
    timedOutMs === undefined
      ? (WORDS[systemCode ?? ''] ?? messageOf(thrown))
      : `no answer within ${timedOutMs / 1000} s`;
  const suffix = timedOutMs === undefined && systemCode !== undefined ? ` (${systemCode})` : '';
  return new ApictlError({
    code: 'HTTP_UNREACHABLE',
    exitCode: EXIT.unhealthy,
    message: `${method} ${shownUrl(url)}: ${words}${suffix}`,
    object: shownUrl(url),
    cause: thrown,
  });
}

/** The code of the deepest known cause: undici wraps the system's error, and Node.js gathers those of several addresses. */
function firstSystemCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown };
  const inner = Array.isArray(errors) ? firstSystemCode(errors[0]) : firstSystemCode(cause);
  if (inner !== undefined) return inner;
  return typeof code === 'string' ? code : undefined;
}
