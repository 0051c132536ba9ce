import { randomBytes, randomUUID } from 'node:crypto';
import { AdminError } from '../errors/admin-error.ts';
import { requireEntity } from '../schema/registry.ts';
import { isUuid } from '../schema/validators.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import { inputFor } from './entity-paths.ts';
import { EntityOperations, type Scope } from './operations.ts';
import type { AdminPath, AdminRequest } from './request.ts';

/** Groups have no name of their own in paths, but below a consumer the group itself is one. */
export function aclPaths(store: ConfigurationStore): AdminPath[] {
  const schema = requireEntity('acls');
  const acls = new EntityOperations(schema, store);
  const consumers = new EntityOperations(requireEntity('consumers'), store);
  const scopeOf = (request: AdminRequest): Scope => ({
    parent: requireEntity('consumers'),
    field: 'consumer',
    key: request.params.consumers ?? '',
  });

  async function keyOf(request: AdminRequest, isNewAllowed = false): Promise<string> {
    const group = request.params.acls ?? '';
    if (isUuid(group)) return group;
    const consumer = await consumers.get(request.params.consumers ?? '');
    const found = await store.read((tables) =>
      tables.findOne(schema, [
        { field: 'consumer', value: String(consumer.id) },
        { field: 'group', value: group },
      ]),
    );
    if (found !== undefined) return String(found.id);
    if (isNewAllowed) return randomUUID();
    throw new AdminError(404, { message: 'Not found', request_id: randomBytes(16).toString('hex') });
  }

  return [
    {
      path: '/consumers/{consumers}/acls/{acls}',
      methods: {
        GET: async (request) => ({
          status: 200,
          body: await acls.get(await keyOf(request), scopeOf(request)),
        }),
        PUT: async (request) => {
          const key = await keyOf(request, true);
          const group = request.params.acls ?? '';
          const input = { ...(isUuid(group) ? {} : { group }), ...inputFor(schema, request) };
          return { status: 200, body: await acls.put(key, input, scopeOf(request)) };
        },
        PATCH: async (request) => ({
          status: 200,
          body: await acls.patch(await keyOf(request), () => inputFor(schema, request), scopeOf(request)),
        }),
        DELETE: async (request) => {
          await acls.delete(await keyOf(request), scopeOf(request));
          return { status: 204 };
        },
      },
    },
  ];
}
