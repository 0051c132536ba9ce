import { createHash } from 'node:crypto';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { AdminAnswer, AdminClient } from './client.ts';

export interface KongFacts {
  /** `3.8.1` */
  readonly version: string;
  /** Plugins that this Kong knows; undefined where it does not say. */
  readonly plugins: ReadonlySet<string> | undefined;
  /** The same for two Kongs with the same version, edition and plugins. */
  readonly fingerprint: string;
}

const OLDEST_MAJOR = 3;

/**
 * Asks who is there. @throws ApictlError with exit code 6 and a message of its own for: nobody answers (KONG_UNREACHABLE), it is
 * not Kong's Admin API (KONG_NOT_KONG), it wants to know who asks (KONG_FORBIDDEN), a version we do not speak (KONG_WRONG_VERSION),
 * no database (KONG_DBLESS).
 */
export async function identifyKong(client: AdminClient, url: string): Promise<KongFacts> {
  const answer = await client.send('GET', '/').catch((thrown: unknown) => {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'KONG_UNREACHABLE') throw thrown;
    throw new ApictlError({
      code: 'KONG_UNREACHABLE',
      exitCode: EXIT.kong,
      message: `Kong’s Admin API is not reachable: ${thrown.message}`,
      object: url,
      hint: 'Is the stack up ("apictl status")? Another address is given with --admin-url.',
      cause: thrown,
    });
  });
  if (answer.status === 401 || answer.status === 403) {
    throw new ApictlError({
      code: 'KONG_FORBIDDEN',
      exitCode: EXIT.kong,
      message: `Kong’s Admin API does not let us in: it answered ${answer.status}`,
      object: url,
      hint: 'Give what it asks for with --header NAME:VALUE.',
    });
  }
  const root = rootOf(answer);
  if (root === undefined) throw notKong(answer, url);
  const version = root.version;
  if (Number(/^(\d+)\./.exec(version)?.[1]) !== OLDEST_MAJOR) {
    throw new ApictlError({
      code: 'KONG_WRONG_VERSION',
      exitCode: EXIT.kong,
      message: `this is Kong ${version}; apictl speaks to Kong 3`,
      object: url,
      hint: 'Run Kong 3.8, or another of the 3.x line.',
    });
  }
  if (root.configuration?.database === 'off') {
    throw new ApictlError({
      code: 'KONG_DBLESS',
      exitCode: EXIT.kong,
      message: 'this Kong runs without a database and cannot be changed through its Admin API',
      object: url,
      hint: 'Run Kong with KONG_DATABASE=postgres; a DB-less Kong takes its whole configuration from one file.',
    });
  }
  const available = root.plugins?.available_on_server;
  // The tagline tells apart what speaks as Kong does without being Kong.
  const identity = JSON.stringify([version, root.edition ?? '', root.tagline ?? '', available ?? null]);
  return {
    version,
    fingerprint: createHash('sha256').update(identity).digest('hex').slice(0, 16),
    plugins:
      typeof available === 'object' && available !== null ? new Set(Object.keys(available)) : undefined,
  };
}

interface Root {
  readonly version: string;
  readonly plugins?: { readonly available_on_server?: unknown };
  readonly edition?: unknown;
  readonly tagline?: unknown;
  readonly configuration?: { readonly database?: unknown };
}

function rootOf(answer: AdminAnswer): Root | undefined {
  const body = answer.body;
  if (answer.status !== 200 || typeof body !== 'object' || body === null) return undefined;
  const { version, plugins } = body as { version?: unknown; plugins?: unknown };
  const looksRight = typeof version === 'string' && typeof plugins === 'object' && plugins !== null;
  return looksRight ? (body as Root) : undefined;
}

function notKong(answer: AdminAnswer, url: string): ApictlError {
  const isProxy = answer.text.includes('no Route matched');
  const what =
    answer.body === undefined ? 'something that is not JSON (a web page?)' : 'JSON that is not Kong’s';
  return new ApictlError({
    code: 'KONG_NOT_KONG',
    exitCode: EXIT.kong,
    message: isProxy
      ? 'this is Kong’s proxy, not its Admin API'
      : `this is not Kong’s Admin API: it answered ${answer.status} with ${what}`,
    object: url,
    hint: isProxy
      ? 'The Admin API has its own port, 8001 unless configured otherwise.'
      : 'Look at what holds this port; another address is given with --admin-url.',
  });
}
