import { AdminError } from '../errors/admin-error.ts';
import { describeSchema } from '../schema/describe.ts';
import type { EntitySchema } from '../schema/entity.ts';
import { prepareNew } from '../schema/prepare.ts';
import { findEntity, findPlugin, requireEntity } from '../schema/registry.ts';
import { inputFor } from './entity-paths.ts';
import type { AdminAnswer, AdminPath, AdminRequest } from './request.ts';

function requireNamed(name: string): EntitySchema {
  const schema = findEntity(name);
  if (schema === undefined) throw new AdminError(404, { message: `No entity named '${name}'` });
  return schema;
}

function validate(schema: EntitySchema, request: AdminRequest): AdminAnswer {
  prepareNew(schema, inputFor(schema, request), Date.now());
  return { status: 200, body: { message: 'schema validation successful' } };
}

function showPlugin(request: AdminRequest): AdminAnswer {
  const name = request.params.name ?? '';
  const plugin = findPlugin(name);
  if (plugin === undefined) throw new AdminError(404, { message: `No plugin named '${name}'` });
  return { status: 200, body: describeSchema(plugin) };
}

/** Reading the tables, and judging an entity without writing it. */
export const schemaPaths = (): AdminPath[] => [
  {
    path: '/schemas/{name}',
    methods: {
      GET: (request) => ({ status: 200, body: describeSchema(requireNamed(request.params.name ?? '')) }),
    },
  },
  { path: '/schemas/plugins/{name}', methods: { GET: showPlugin } },
  { path: '/plugins/schema/{name}', methods: { GET: showPlugin } },
  {
    path: '/schemas/plugins/validate',
    methods: { POST: (request) => validate(requireEntity('plugins'), request) },
  },
  {
    path: '/schemas/{db_entity_name}/validate',
    methods: { POST: (request) => validate(requireNamed(request.params.db_entity_name ?? ''), request) },
  },
];
