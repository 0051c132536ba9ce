import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ApictlError, EXIT } from '../../core/errors.ts';

/**
 * Where the engine listens, found as the docker command finds it: DOCKER_HOST, then DOCKER_CONTEXT, then the
 * context chosen by `docker context use`, then the local socket. Read from the same files, because asking the
 * docker command would cost a process at every run.
 */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. */
  readonly url: string;
  /** `DOCKER_HOST`, or the name of the context. */
  readonly source: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

const LOCAL: Endpoint = { url: 'unix:///var/run/docker.sock', source: 'default' };

export function findEndpoint(environment: Readonly<Record<string, string | undefined>>): Endpoint {
  const configFolder = environment.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const host = environment.DOCKER_HOST;
  if (host !== undefined && host !== '') {
    const folder = environment.DOCKER_CERT_PATH ?? configFolder;
    const tls = environment.DOCKER_TLS_VERIFY === undefined ? undefined : tlsFiles(folder);
    return { url: host, source: 'DOCKER_HOST', ...(tls === undefined ? {} : { tls }) };
  }
  const name = environment.DOCKER_CONTEXT || selectedContext(configFolder);
  return name === undefined || name === 'default' ? LOCAL : contextEndpoint(configFolder, name);
}

function selectedContext(configFolder: string): string | undefined {
  const text = readOrUndefined(join(configFolder, 'config.json'));
  if (text === undefined) return undefined;
  try {
    const { currentContext } = JSON.parse(text) as { currentContext?: unknown };
    return typeof currentContext === 'string' && currentContext !== '' ? currentContext : undefined;
  } catch {
    throw new ApictlError({
      code: 'ENGINE_CONTEXT_INVALID',
      exitCode: EXIT.engine,
      message: `${join(configFolder, 'config.json')} is not valid JSON, so the selected docker context is unknown`,
      hint: 'Repair that file, or set DOCKER_HOST.',
    });
  }
}

/** Contexts lie in folders named by the SHA-256 of their name. */
function contextEndpoint(configFolder: string, name: string): Endpoint {
  const folder = createHash('sha256').update(name).digest('hex');
  const text = readOrUndefined(join(configFolder, 'contexts', 'meta', folder, 'meta.json'));
  const url = text === undefined ? undefined : hostOf(text);
  if (url === undefined) {
    throw new ApictlError({
      code: 'ENGINE_CONTEXT_INVALID',
      exitCode: EXIT.engine,
      message: `the docker context "${name}" does not exist or names no engine`,
      object: `context ${name}`,
      hint: 'See "docker context ls", and select one with "docker context use NAME".',
    });
  }
  const tls = tlsFiles(join(configFolder, 'contexts', 'tls', folder, 'docker'));
  return { url, source: name, ...(tls === undefined ? {} : { tls }) };
}

function hostOf(meta: string): string | undefined {
  try {
    const { Endpoints } = JSON.parse(meta) as { Endpoints?: { docker?: { Host?: unknown } } };
    const host = Endpoints?.docker?.Host;
    return typeof host === 'string' && host !== '' ? host : undefined;
  } catch {
    return undefined;
  }
}

function tlsFiles(folder: string): Endpoint['tls'] {
  const ca = readOrUndefined(join(folder, 'ca.pem'));
  const cert = readOrUndefined(join(folder, 'cert.pem'));
  const key = readOrUndefined(join(folder, 'key.pem'));
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
