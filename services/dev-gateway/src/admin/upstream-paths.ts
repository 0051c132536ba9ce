import { badRequest, notFound } from '../errors/admin-error.ts';
import type { Upstream } from '../model/entities.ts';
import type { TargetHealth, UpstreamHealth } from '../model/health.ts';
import type { PlainRecord } from '../schema/field.ts';
import { requireEntity } from '../schema/registry.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import { answerPage, inputFor } from './entity-paths.ts';
import { EntityOperations, type Scope } from './operations.ts';
import { pageAnswer, readOffset, readSize, readTags, writeOffset } from './paging.ts';
import type { AdminAnswer, AdminPath, AdminRequest } from './request.ts';

const noTarget = { total: 0, available: 0, unavailable: 0 } as const;

/** Kong shows an empty list as an empty object here. */
const listed = (items: readonly unknown[]): unknown => (items.length === 0 ? {} : items);

const shownHost = (
  health: TargetHealth,
  showAddress: (address: TargetHealth['addresses'][number]) => unknown,
) => ({
  host: health.host,
  port: health.port,
  nodeWeight: health.nodeWeight,
  dns: health.dns,
  weight: health.weight,
  addresses: listed(health.addresses.map(showAddress)),
});

function withHealth(target: PlainRecord, health: TargetHealth | undefined): PlainRecord {
  if (health === undefined)
    return { ...target, health: 'HEALTHCHECKS_OFF', data: { addresses: {}, weight: noTarget } };
  const data = shownHost(health, ({ ip, port, weight, health: state }) => ({
    ip,
    port,
    weight,
    health: state,
  }));
  return { ...target, health: health.health, data };
}

const isChecked = ({ healthchecks: { active, passive } }: Upstream): boolean =>
  active.healthy.interval > 0 ||
  active.unhealthy.interval > 0 ||
  passive.healthy.successes > 0 ||
  passive.unhealthy.http_failures > 0 ||
  passive.unhealthy.tcp_failures > 0 ||
  passive.unhealthy.timeouts > 0;

/** Upstreams beyond their tables: targets are only changed where they are, and the balancer is looked into. */
export function upstreamPaths(
  store: ConfigurationStore,
  health: UpstreamHealth,
  nodeId: string,
): AdminPath[] {
  const upstreamSchema = requireEntity('upstreams');
  const targetSchema = requireEntity('targets');
  const upstreams = new EntityOperations(upstreamSchema, store);
  const targets = new EntityOperations(targetSchema, store);
  const scopeOf = (request: AdminRequest): Scope => ({
    parent: upstreamSchema,
    field: 'upstream',
    key: request.params.upstreams ?? '',
  });
  const keyOf = (request: AdminRequest): string => request.params.targets ?? '';

  /** A target is only ever changed where it is: what is put is laid over it, too. */
  const changeTarget = async (request: AdminRequest): Promise<AdminAnswer> => ({
    status: 200,
    body: await targets.patch(keyOf(request), () => inputFor(targetSchema, request), scopeOf(request)),
  });

  async function showBalancer(request: AdminRequest): Promise<AdminAnswer> {
    const upstream = await upstreams.get(request.params.upstreams ?? '');
    const view = health.balancerHealth(String(upstream.id));
    if (view === undefined) throw notFound();
    const isHealthy = view.health !== 'UNHEALTHY';
    const hosts = view.targets.map((target) =>
      shownHost(target, ({ ip, port, weight, health: state }) => ({
        ip,
        port,
        weight,
        healthy: state !== 'UNHEALTHY',
      })),
    );
    const data = {
      id: upstream.id,
      health: view.health,
      balancer_health: isHealthy ? 'HEALTHY' : 'UNHEALTHY',
      details: { healthy: isHealthy, weight: view.weight, hosts: listed(hosts) },
    };
    return { status: 200, body: { data, next: null, node_id: nodeId } };
  }

  async function showHealth(request: AdminRequest): Promise<AdminAnswer> {
    if (request.query.get('balancer_health') === '1') return showBalancer(request);
    const { query } = request;
    const upstream = await upstreams.get(request.params.upstreams ?? '');
    const page = await targets.list(
      {
        size: readSize(query),
        after: readOffset(query, (part) => /^\d+$/.test(part))?.[0],
        tagFilter: readTags(query),
        filters: [],
        isNewestFirst: true,
      },
      scopeOf(request),
    );
    const views = new Map(health.targetHealth(String(upstream.id)).map((view) => [view.targetId, view]));
    const data = page.entities.map((target) => withHealth(target, views.get(String(target.id))));
    const offset = page.next === undefined ? undefined : writeOffset(page.next);
    return { status: 200, body: { ...pageAnswer(data, request.path, offset, undefined), node_id: nodeId } };
  }

  const mark =
    (isHealthy: boolean) =>
    async (request: AdminRequest): Promise<AdminAnswer> => {
      const upstream = await upstreams.get(request.params.upstreams ?? '');
      const target = await targets.get(keyOf(request), scopeOf(request));
      if (!isChecked(upstream as unknown as Upstream)) {
        throw badRequest(`no healthchecker found for ${upstream.name}`);
      }
      const address = request.params.address ?? null;
      const isKnown = health.setTargetHealth(String(upstream.id), String(target.id), address, isHealthy);
      if (!isKnown) throw notFound();
      return { status: 204 };
    };

  const item = '/upstreams/{upstreams}/targets/{targets}';
  return [
    { path: '/upstreams/{upstreams}/health', methods: { GET: showHealth } },
    {
      path: '/upstreams/{upstreams}/targets/all',
      methods: { GET: (request) => answerPage(targetSchema, targets, request, scopeOf(request), false) },
    },
    {
      path: item,
      methods: {
        GET: async (request) => ({ status: 200, body: await targets.get(keyOf(request), scopeOf(request)) }),
        PUT: changeTarget,
        PATCH: changeTarget,
        DELETE: async (request) => {
          await targets.delete(keyOf(request), scopeOf(request));
          return { status: 204 };
        },
      },
    },
    ...(['healthy', 'unhealthy'] as const).flatMap((state) => [
      { path: `${item}/${state}`, methods: { PUT: mark(state === 'healthy') } },
      { path: `${item}/{address}/${state}`, methods: { PUT: mark(state === 'healthy') } },
    ]),
  ];
}
