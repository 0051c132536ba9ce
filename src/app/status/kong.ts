import * as z from 'zod';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Project } from '../project/project.ts';
import { hostOf } from '../project/urls.ts';
import type { World } from '../world.ts';
import type { Status } from './model.ts';
import { byName } from './order.ts';

const TIMEOUT_MS = 5_000;

const nodeSchema = z.object({ database: z.object({ reachable: z.boolean() }) });
const upstreamsSchema = z.object({ data: z.array(z.object({ id: z.string(), name: z.string() })) });
const healthSchema = z.object({
  data: z.array(z.object({ target: z.string(), weight: z.number(), health: z.string() })),
});

const ABSENT: Status['kong'] = { reachable: false, databaseReachable: false, drift: null, upstreams: [] };

/** Kong as its Admin API tells it: database, targets, and how far it is from the declared state. */
export async function kongState(
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
): Promise<Status['kong']> {
  if (!containers.some(({ service, state }) => service === 'kong' && state === 'running')) return ABSENT;
  const url = `http://${hostOf(project.config.bind)}:${project.config.ports.admin}`;
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const response = await world.http.request({ method: 'GET', url: `${url}${path}`, timeoutMs: TIMEOUT_MS });
    return schema.parse(JSON.parse(response.body));
  };
  const node = await get('/status', nodeSchema).catch(() => null);
  if (node === null) return ABSENT;
  const [upstreams, drift] = await Promise.all([
    get('/upstreams', upstreamsSchema)
      .then(({ data }) =>
        Promise.all(
          data.map(async ({ id, name }) => ({
            name,
            targets: (await get(`/upstreams/${id}/health`, healthSchema)).data
              .map(({ target, weight, health }) => ({ target, weight, health }))
              // Kong answers in another order each time.
              .sort((a, b) => byName(a.target, b.target)),
          })),
        ),
      )
      .catch(() => []),
    // Without its database Kong cannot say what it has; that is told by databaseReachable already.
    node.database.reachable
      ? import('../seed/drift.ts').then(({ kongDrift }) => kongDrift(world, project, TIMEOUT_MS))
      : null,
  ]);
  return { reachable: true, databaseReachable: node.database.reachable, drift, upstreams };
}
