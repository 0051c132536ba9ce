import { wantedCertificates } from '../../certs/model.ts';
import { trustedAuthorities } from '../../certs/read.ts';
import { askedHost } from '../../config/tls.ts';
import type { Http } from '../../core/ports/http.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** What the doors of the project's own services are verified with. */
export interface Trust {
  /** PEM of every authority that signed one of them. */
  readonly ca: string;
  readonly serverName?: string;
}

/** Null where no certificate was made yet. */
export async function ownTrust(
  world: Pick<World, 'files'>,
  { root, config }: Project,
): Promise<Trust | null> {
  const ca = await trustedAuthorities(world.files, root, wantedCertificates(config));
  const serverName = askedHost(config.tls.hosts);
  return ca === null ? null : { ca, ...(serverName === undefined ? {} : { serverName }) };
}

/** The HTTP port that verifies doors with TLS as ours. */
export function trustingHttp(world: Pick<World, 'files' | 'http'>, project: Project): Http {
  let trust: Promise<Trust | null> | undefined;
  return {
    request: async (request) => {
      if (!request.url.startsWith('https:')) return world.http.request(request);
      trust ??= ownTrust(world, project);
      return world.http.request({ ...(await trust), ...request });
    },
  };
}
