import { schemaViolation } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { requireEntity } from '../schema/registry.ts';
import type { Tables } from '../store/tables.ts';
import type { EntityHooks } from './hooks.ts';

const ROUTES_AT_A_TIME = 1000;

const idOf = (reference: unknown): string | undefined =>
  isPlainRecord(reference) && typeof reference.id === 'string' ? reference.id : undefined;

const hasCommon = (route: PlainRecord, protocols: readonly unknown[]): boolean =>
  Array.isArray(route.protocols) && route.protocols.some((protocol) => protocols.includes(protocol));

async function judgeRoute(tables: Tables, routeId: string, protocols: readonly unknown[]): Promise<void> {
  const route = await tables.findOne(requireEntity('routes'), [{ field: 'id', value: routeId }]);
  if (route !== undefined && !hasCommon(route, protocols)) {
    throw schemaViolation({ protocols: "must match the associated route's protocols" });
  }
}

async function judgeService(tables: Tables, serviceId: string, protocols: readonly unknown[]): Promise<void> {
  const page = await tables.findPage(requireEntity('routes'), {
    conditions: [{ field: 'service', value: serviceId }],
    tagFilter: undefined,
    size: ROUTES_AT_A_TIME,
    after: undefined,
    isNewestFirst: false,
  });
  if (page.entities.length > 0 && !page.entities.some((route) => hasCommon(route, protocols))) {
    throw schemaViolation({
      protocols: "must match the protocols of at least one route pointing to this Plugin's service",
    });
  }
}

/** Protocols that were chosen must be ones that reach the plugin through its route or its service's routes. */
async function judgeProtocols(tables: Tables, plugin: PlainRecord, given: PlainRecord): Promise<void> {
  if (!Array.isArray(given.protocols)) return;
  const [routeId, serviceId] = [idOf(plugin.route), idOf(plugin.service)];
  if (routeId !== undefined) await judgeRoute(tables, routeId, given.protocols);
  else if (serviceId !== undefined) await judgeService(tables, serviceId, given.protocols);
}

export const pluginHooks: EntityHooks = { judgeGiven: judgeProtocols };
