import { join } from 'node:path';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { Secret } from '../../core/secret.ts';
import { addKeyBeside, hasKey, removeKey } from '../../kong/consumer-keys.ts';
import { clientOf } from '../../kong/seed.ts';
import type { Door } from '../../secrets/door.ts';
import { elasticsearchDoor } from '../../secrets/doors/elasticsearch.ts';
import { grafanaDoor } from '../../secrets/doors/grafana.ts';
import { kibanaObjectsDoor } from '../../secrets/doors/kibana.ts';
import { loggingDoor } from '../../secrets/doors/logging.ts';
import { postgresDoor } from '../../secrets/doors/postgres.ts';
import { FILE_MODE, type Holder } from '../../secrets/model.ts';
import { readSecret, secretsFolder } from '../../secrets/read.ts';
import { serviceOf } from '../../secrets/rotation-plan.ts';
import { trustingHttp } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { stackUrls } from '../project/urls.ts';
import { declaredFiles } from '../seed/files.ts';
import { DEFAULT_SEED, kongAccess, seed } from '../seed/seed.ts';
import type { World } from '../world.ts';
import { grafanaDataKeys } from './grafana-database.ts';

/** How a secret's door is built, by who holds the secret; undefined where nobody does, or nobody runs. */
export function doorFor(
  holder: Holder,
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
  settings: { readonly keyOverlapSeconds: number },
): Door | undefined {
  const running = new Map(
    containers.filter(({ state }) => state === 'running').map(({ service, id }) => [service, id]),
  );
  const service = serviceOf(holder);
  if (holder.kind === 'grafana-keys') return grafanaDataKeys(world, project, containers);
  const id = running.get(service ?? '');
  if (service === null || id === undefined) return undefined;
  const urls = stackUrls(project.config, [service]);
  const http = trustingHttp(world, project);
  const elasticPassword = () => readSecret(world.files, project.root, 'elastic-password');
  switch (holder.kind) {
    case 'postgres':
      return postgresDoor({
        ...world,
        postgresId: id,
        gatewayId: running.get('kong') ?? null,
        role: holder.role,
      });
    case 'elasticsearch':
      return elasticsearchDoor({
        http,
        url: urls.elasticsearch ?? '',
        user: holder.user,
        elasticPassword,
      });
    case 'grafana':
      return grafanaDoor({ http, url: urls.grafana ?? '', user: holder.user });
    case 'kibana-objects': {
      const path = join(secretsFolder(project.root), 'kibana-former-encryption-key');
      return kibanaObjectsDoor({
        http,
        url: urls.kibana ?? '',
        elasticPassword,
        readFormer: async () =>
          world.files.read(path).then((content) => content && new Secret(content.toString('utf8'))),
        writeFormer: (value) => world.files.write(path, value.reveal(), FILE_MODE),
      });
    }
    case 'logging':
      return loggingDoor({ http, url: urls.logging ?? '' });
    case 'gateway-key':
      return gatewayKeyDoor(world, project, settings.keyOverlapSeconds);
    default:
      return undefined;
  }
}

/**
 * A consumer has as many keys as it likes: the next one opens beside the present one until that is taken away.
 * A declaration of the user's own may use no such key; then there is nothing to open.
 */
function gatewayKeyDoor(world: World, project: Project, overlapSeconds: number): Door {
  // A client's time is counted from when it is made.
  const client = () => clientOf(kongAccess(world, project, {}));
  let before: Secret | null = null;
  const isDeclared = async (): Promise<boolean> =>
    (await declaredFiles(world, project, [])).some(({ text }) => text.includes(PARTNER_KEY));
  return {
    opens: async (key) =>
      (await hasKey(client(), key)) ? proxyLetsIn(world, project, key) : !(await isDeclared()),
    holding: {
      admit: async (current, next) => {
        before = current;
        if (current !== null) await addKeyBeside(client(), current, next);
      },
      retire: async () => {
        // Put in its place by an earlier run: which key was there before, only the declaration says.
        if (before === null) return void (await seed(world, project, DEFAULT_SEED));
        await world.clock.sleep(overlapSeconds * 1000, world.signal);
        await removeKey(client(), before);
      },
      undo: (_current, next) => removeKey(client(), next),
    },
  };
}

const PARTNER_KEY = 'partner-api-key';

/** Whether the sample route lets the key in; where a declaration has no such route, that Kong has the key is all there is. */
async function proxyLetsIn(world: World, project: Project, key: Secret): Promise<boolean> {
  const { proxy } = stackUrls(project.config, ['kong']);
  const url = `${proxy}/partner/v1/whoami`;
  const { status } = await trustingHttp(world, project).request({
    method: 'GET',
    url,
    headers: { apikey: key.reveal() },
  });
  return status !== 401 && status !== 403;
}
