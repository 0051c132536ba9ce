import type { Config } from '../../config/schema.ts';
import type { Engine } from '../../core/ports/engine.ts';

/** The gauge of the packaged application: requests being worked on, the one that asks for it included. */
const GAUGE = 'backend_http_requests_in_flight';
const ASK_MS = 5_000;

// The URL is an argument of its own, so that no path can become Python; a proxy of the environment is not asked.
const ASK = [
  'import sys, urllib.request as r',
  'page = r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=3).read().decode()',
  'print(*[line.split()[1] for line in page.splitlines() if line.startswith(sys.argv[2] + " ")])',
].join('\n');

/** Whether the application says how many requests it has in hand: the packaged one does. */
export const saysWhatIsInFlight = ({ backends }: Config): boolean =>
  backends.image === undefined && backends.build === undefined;

/** How many requests a container of the packaged application has in hand; null where it gives no answer. */
export async function requestsInFlight(
  engine: Pick<Engine, 'exec'>,
  containerId: string,
  { backends }: Config,
  signal: AbortSignal,
): Promise<number | null> {
  const url = `http://127.0.0.1:${backends.port}${encodeURI(backends.metricsPath)}`;
  const { exitCode, output } = await engine.exec(
    containerId,
    ['python3', '-c', ASK, url, GAUGE],
    ASK_MS,
    signal,
  );
  const value = Number(output.trim());
  if (exitCode !== 0 || output.trim() === '' || !Number.isFinite(value)) return null;
  return Math.max(0, value - 1);
}

/** States in which a connection can carry no request: TIME_WAIT, CLOSE, LISTEN. */
const WITHOUT_REQUEST = ['06', '07', '0A'];
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Whether a container of any other application has a connection to its port, as the kernel counts them: without one it has no request in
 * hand. With one it may have, because the gateway keeps connections open for a minute. Null where the image has no `cat`.
 */
export async function hasConnections(
  engine: Pick<Engine, 'exec'>,
  containerId: string,
  { backends }: Config,
  signal: AbortSignal,
): Promise<boolean | null> {
  const { exitCode, output } = await engine.exec(containerId, ['cat', ...TABLES], ASK_MS, signal);
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/));
  // Without IPv6 the second table is missing, and cat says so after the first.
  if (exitCode !== 0 && !rows.some(([number]) => number === 'sl')) return null;
  const port = backends.port.toString(16).toUpperCase().padStart(4, '0');
  return rows.some(
    ([number = '', local = '', , state = '']) =>
      number.endsWith(':') && local.endsWith(`:${port}`) && !WITHOUT_REQUEST.includes(state),
  );
}
