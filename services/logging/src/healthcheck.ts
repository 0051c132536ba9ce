/** The container's health check: does the ingest listener answer? */
import { environmentSchema } from './config/schema.ts';

const TIMEOUT_MS = 3000;

/** An address that listens everywhere is asked on the loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** @returns the exit code: 0 alive, 1 not */
export async function healthcheck(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const listen = environmentSchema.shape.LOGGING_INGEST_LISTEN.safeParse(
    env.LOGGING_INGEST_LISTEN || undefined,
  );
  if (!listen.success) {
    process.stderr.write('LOGGING_INGEST_LISTEN is not host:port\n');
    return 1;
  }
  const url = `http://${reachable(listen.data.host)}:${listen.data.port}/healthz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.arrayBuffer();
    if (response.ok) return 0;
    process.stderr.write(`${url} answered ${response.status}\n`);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    process.stderr.write(`${url}: ${String(cause)}\n`);
  }
  return 1;
}
