import { AdminError } from '../errors/admin-error.ts';
import { describeSchema } from '../schema/describe.ts';
import { vaultSubschemas } from '../schema/entities/vaults.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PluginSchema } from '../schema/plugin.ts';
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

function requirePlugin({ params }: AdminRequest): PluginSchema {
  const plugin = findPlugin(params.name ?? '');
  if (plugin === undefined) throw new AdminError(404, { message: `No plugin named '${params.name}'` });
  return plugin;
}

const showPlugin = (request: AdminRequest): AdminAnswer => ({
  status: 200,
  body: describeSchema(requirePlugin(request)),
});

/** The older path shows the fields of the configuration alone. */
function showPluginConfig(request: AdminRequest): AdminAnswer {
  const { fields = {}, entity_checks = [] } = requirePlugin(request).fields.config ?? {};
  return { status: 200, body: describeSchema({ fields, entity_checks }) };
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
  { path: '/plugins/schema/{name}', methods: { GET: showPluginConfig } },
  {
    path: '/schemas/vaults/{name}',
    methods: {
      GET: ({ params }) => {
        const vault = vaultSubschemas.find(params.name ?? '');
        if (vault === undefined) throw new AdminError(404, { message: `No vault named '${params.name}'` });
        return { status: 200, body: describeSchema(vault) };
      },
    },
  },
  {
    path: '/schemas/vaults/validate',
    methods: { POST: (request) => validate(requireEntity('vaults'), request) },
  },
  {
    path: '/schemas/plugins/validate',
    methods: { POST: (request) => validate(requireEntity('plugins'), request) },
  },
  {
    path: '/schemas/{db_entity_name}/validate',
    methods: { POST: (request) => validate(requireNamed(request.params.db_entity_name ?? ''), request) },
  },
];
