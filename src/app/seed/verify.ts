import type { SeedInput } from '../../kong/seed.ts';
import { type ProxyAddress, type Verified, verifySeed } from '../../kong/verify/verify.ts';
import { backendNames } from '../../stack/render/backends.ts';
import { ownTrust } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { hostOf } from '../project/urls.ts';
import type { World } from '../world.ts';

/** What the packaged application answers there: which instance it is. */
const WHO_PATH = '/api/v1/whoami';
const WHO_FIELD = 'instance';

/** Kong's workers follow a change within seconds. */
const PATIENCE_MS = 10_000;

/** The doors of this project's own proxy. */
export async function ownProxy(world: World, project: Project): Promise<ProxyAddress> {
  const { config } = project;
  const host = hostOf(config.bind);
  return {
    url: `http://${host}:${config.ports.proxy}`,
    tlsUrl: `https://${host}:${config.ports.proxyTls}`,
    ...(await ownTrust(world, project)),
  };
}

/** Real requests to every route of the file; the shares of the targets where the packaged application is behind them. */
export async function verify(project: Project, input: SeedInput, proxy: ProxyAddress): Promise<Verified> {
  const { image, build, port } = project.config.backends;
  const names = Object.fromEntries(backendNames(project.config).map((name) => [`${name}:${port}`, name]));
  return verifySeed({
    ...input,
    proxy,
    patienceMs: Math.min(PATIENCE_MS, input.timeoutMs ?? PATIENCE_MS),
    ...(image === undefined && build === undefined
      ? { who: { upstream: 'backend', path: WHO_PATH, field: WHO_FIELD, names } }
      : {}),
  });
}
