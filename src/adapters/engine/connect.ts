import type Docker from 'dockerode';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { engineError } from './engine-errors.ts';
import { type Head, socketStream } from './socket-stream.ts';

/** The newest API version that this code was run against; a newer engine is spoken to in this one. */
const NEWEST_TESTED = '1.51';
/** The oldest that this code was run against. */
const OLDEST_SPOKEN = '1.41';

/** The way to one engine, in the API version that both sides speak. */
export interface Connected {
  readonly endpoint: Endpoint;
  /** As `1.41`. */
  readonly apiVersion: string;
  /** Where the engine is local. */
  readonly socketPath: string | undefined;
  /** The client library, which is loaded at the first call. */
  readonly docker: () => Promise<Docker>;
}

/** @throws ApictlError ENGINE_UNREACHABLE, ENGINE_FORBIDDEN, ENGINE_TOO_OLD, ENGINE_TOO_NEW (5). */
export async function connect(endpoint: Endpoint): Promise<Connected> {
  const options = clientOptions(endpoint);
  const { socketPath } = options;
  const client = async (version: object) => {
    const { default: Client } = await import('dockerode');
    return new Client({ ...options, ...version });
  };
  try {
    const pinged = socketPath === undefined ? undefined : await pingedVersion(socketPath);
    const apiVersion = isSpoken(pinged) ? pinged : negotiated(await (await client({})).version(), endpoint);
    let docker: Promise<Docker> | undefined;
    return {
      endpoint,
      apiVersion,
      socketPath,
      docker: () => (docker ??= client({ version: `v${apiVersion}` })),
    };
  } catch (thrown) {
    throw engineError(thrown, endpoint, 'say its version');
  }
}

/** The API version of a local engine, by the question that costs it least: for its whole version it starts two programs. */
async function pingedVersion(socketPath: string): Promise<string | undefined> {
  let version: string | undefined;
  const onHead = (head: Head) => {
    version = head.header('api-version');
  };
  for await (const _ of socketStream(socketPath, '/_ping', { onHead }));
  return version;
}

const isSpoken = (version: string | undefined): version is string =>
  version !== undefined &&
  older(version, OLDEST_SPOKEN) === OLDEST_SPOKEN &&
  older(version, NEWEST_TESTED) === version;

/** The lower of the engine's API version and the tested one. */
function negotiated(version: Docker.DockerVersion, endpoint: Endpoint): string {
  const minimum = (version as { MinAPIVersion?: string }).MinAPIVersion;
  if (older(version.ApiVersion, OLDEST_SPOKEN) !== OLDEST_SPOKEN) {
    throw new ApictlError({
      code: 'ENGINE_TOO_OLD',
      exitCode: EXIT.engine,
      message: `the Docker Engine ${version.Version} speaks API ${version.ApiVersion}; ${OLDEST_SPOKEN} (Engine 20.10) or newer is needed`,
      object: endpoint.url,
      hint: 'Update Docker.',
    });
  }
  const apiVersion = older(version.ApiVersion, NEWEST_TESTED);
  if (minimum !== undefined && older(minimum, apiVersion) !== minimum) {
    throw new ApictlError({
      code: 'ENGINE_TOO_NEW',
      exitCode: EXIT.engine,
      message: `the Docker Engine ${version.Version} speaks API ${minimum} and newer; apictl knows up to ${NEWEST_TESTED}`,
      object: endpoint.url,
      hint: 'Use a newer apictl.',
    });
  }
  return apiVersion;
}

/** The older of two versions such as `1.41` and `1.9`, compared by number. */
export function older(a: string, b: string): string {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA < majorB || (majorA === majorB && minorA <= minorB) ? a : b;
}

function clientOptions(endpoint: Endpoint): Docker.DockerOptions {
  const url = URL.canParse(endpoint.url) ? new URL(endpoint.url) : null;
  switch (url?.protocol) {
    case 'unix:':
      return { socketPath: url.pathname };
    case 'npipe:':
      return { socketPath: endpoint.url.slice('npipe://'.length) };
    case 'ssh:':
      // Of a port that is given the library makes a URL that Node.js warns of, which no user can mend; without one it takes 22.
      if (url.port !== '') process.noDeprecation = true;
      return {
        protocol: 'ssh',
        host: url.hostname,
        ...(url.port === '' ? {} : { port: Number(url.port) }),
        username: url.username,
        sshOptions: { agent: process.env.SSH_AUTH_SOCK },
      } as Docker.DockerOptions;
    case 'tcp:':
    case 'http:':
    case 'https:':
      return {
        protocol: endpoint.tls === undefined && url.protocol !== 'https:' ? 'http' : 'https',
        host: url.hostname,
        port: url.port === '' ? (endpoint.tls === undefined ? 2375 : 2376) : Number(url.port),
        ...endpoint.tls,
      };
    default:
      throw new ApictlError({
        code: 'ENGINE_CONTEXT_INVALID',
        exitCode: EXIT.engine,
        message: `${endpoint.url} (from ${endpoint.source}) is not an address of a Docker Engine`,
        hint: 'Use unix://, tcp://, ssh:// or npipe://.',
      });
  }
}
