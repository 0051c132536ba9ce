import { ApictlError, EXIT, messageOf, systemCodeOf } from '../../core/errors.ts';
import type { Endpoint } from './endpoint.ts';

/** dockerode's failures in our words. */
export function engineError(thrown: unknown, endpoint: Endpoint, doing: string): ApictlError {
  if (thrown instanceof ApictlError) return thrown;
  const code = systemCodeOf(thrown);
  if (code === 'EACCES' || code === 'EPERM') return forbidden(endpoint, thrown);
  if (code === 'ENOENT' || code === 'ENOTSOCK') return noSocket(endpoint, code, thrown);
  if (code !== undefined && UNREACHABLE.has(code)) return unreachable(endpoint, code, thrown);
  const status = (thrown as { statusCode?: unknown }).statusCode;
  return new ApictlError({
    code: 'ENGINE_REFUSED',
    exitCode: EXIT.engine,
    message: `the Docker Engine refused to ${doing}: ${refusal(thrown)}`,
    hint: typeof status === 'number' && status >= 500 ? 'The engine’s own log says more.' : undefined,
    cause: thrown,
  });
}

/** The HTTP status of a refusal, where the engine answered at all. */
export function statusOf(thrown: unknown): number | undefined {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

/** The address names no socket: it is wrong, or the engine never ran there. */
function noSocket(endpoint: Endpoint, code: string, cause: unknown): ApictlError {
  const what = code === 'ENOENT' ? 'there is no socket' : 'what lies there is no socket';
  return new ApictlError({
    code: 'ENGINE_UNREACHABLE',
    exitCode: EXIT.engine,
    message: `no Docker Engine at ${endpoint.url}: ${what} (${code})`,
    object: endpoint.url,
    hint: startHint(endpoint),
    cause,
  });
}

function unreachable(endpoint: Endpoint, code: string, cause: unknown): ApictlError {
  return new ApictlError({
    code: 'ENGINE_UNREACHABLE',
    exitCode: EXIT.engine,
    message:
      code === 'ECONNREFUSED'
        ? `the Docker Engine at ${endpoint.url} is not running: nobody listens there (${code})`
        : `no Docker Engine answers at ${endpoint.url} (${code})`,
    object: endpoint.url,
    hint: startHint(endpoint),
    cause,
  });
}

function startHint(endpoint: Endpoint): string {
  if (endpoint.source === 'DOCKER_HOST') return 'Check DOCKER_HOST, or unset it to use the local engine.';
  if (endpoint.source !== 'default')
    return `The docker context "${endpoint.source}" selects it; see "docker context ls".`;
  return process.platform === 'linux'
    ? 'Start it with "systemctl start docker"; "make up" in a clone of apictl installs and starts one.'
    : 'Start Docker Desktop and try again.';
}

function forbidden(endpoint: Endpoint, cause: unknown): ApictlError {
  return new ApictlError({
    code: 'ENGINE_FORBIDDEN',
    exitCode: EXIT.engine,
    message: `this user may not use the Docker Engine at ${endpoint.url}`,
    object: endpoint.url,
    hint: 'Add the user to the group "docker" ("sudo usermod -aG docker $USER", then log in again), or use sudo.',
    cause,
  });
}

/** dockerode wraps the engine's JSON message as "(HTTP code 409) conflict - text". */
export const refusal = (thrown: unknown): string =>
  messageOf(thrown)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim();
