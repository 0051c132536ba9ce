import { notFound } from '../errors/admin-error.ts';
import type { CachedResponses } from '../model/health.ts';
import type { SnapshotSource } from '../model/snapshot.ts';
import type { AdminAnswer, AdminPath } from './request.ts';

/** Looks into what the proxy-cache plugins keep, and throws it away; without such a plugin there is nothing to look into. */
export function proxyCachePaths(cache: CachedResponses, snapshots: SnapshotSource): AdminPath[] {
  const isUsed = (): boolean =>
    [...snapshots.current().plugins.values()].some(({ name }) => name === 'proxy-cache');
  const show = (key: string, isKnown: boolean): AdminAnswer => {
    const found = isKnown ? cache.show(key) : undefined;
    if (found === undefined) throw notFound();
    return { status: 200, body: found };
  };
  const purge = (key: string, isKnown: boolean): AdminAnswer => {
    show(key, isKnown);
    cache.purge(key);
    return { status: 204 };
  };
  const isPlugin = (id: string | undefined): boolean =>
    id !== undefined && snapshots.current().plugins.has(id);
  return [
    {
      path: '/proxy-cache',
      methods: {
        DELETE: () => {
          cache.flush();
          return { status: 204 };
        },
      },
    },
    {
      path: '/proxy-cache/{cache_key}',
      methods: {
        GET: ({ params }) => show(params.cache_key ?? '', isUsed()),
        DELETE: ({ params }) => purge(params.cache_key ?? '', isUsed()),
      },
    },
    {
      path: '/proxy-cache/{plugin_id}/caches/{cache_key}',
      methods: {
        GET: ({ params }) => show(params.cache_key ?? '', isPlugin(params.plugin_id)),
        DELETE: ({ params }) => purge(params.cache_key ?? '', isPlugin(params.plugin_id)),
      },
    },
  ];
}
