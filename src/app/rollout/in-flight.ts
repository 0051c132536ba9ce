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

/** Whether the application says how many requests it has in hand: the packaged one does, any other is not asked. */
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
