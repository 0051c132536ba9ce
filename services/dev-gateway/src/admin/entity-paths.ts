import { randomUUID } from 'node:crypto';
import { badRequest, methodNotAllowed, notFound } from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { FieldTable, PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { ENTITIES, requireEntity, subschemasOf } from '../schema/registry.ts';
import { decidingValue } from '../schema/subschema.ts';
import { isUuid } from '../schema/validators.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import type { Condition } from '../store/tables.ts';
import { typedForm } from './form.ts';
import { EntityOperations, type Scope } from './operations.ts';
import { pageAnswer, readOffset, readSize, readTags, writeOffset } from './paging.ts';
import type { AdminAnswer, AdminPath, AdminRequest } from './request.ts';

const collectionOf = (schema: EntitySchema): string => `/${schema.collection ?? schema.name}`;
const itemOf = (schema: EntitySchema): string => `${collectionOf(schema)}/{${schema.name}}`;

/** The tables of a form's fields: those of the entity, and of the plugin that it names. */
function formFields(schema: EntitySchema, entity: PlainRecord): FieldTable {
  const subschemas = subschemasOf(schema.name);
  if (subschemas === undefined) return schema.fields;
  return { ...schema.fields, ...subschemas.find(decidingValue(subschemas, entity[subschemas.key]))?.fields };
}

/**
 * What a client sent for an entity, with the texts of a form in the types that its fields ask for.
 *
 * @param stored the entity that it changes
 */
export const inputFor = (
  schema: EntitySchema,
  request: AdminRequest,
  stored: PlainRecord = {},
): PlainRecord =>
  request.isForm ? typedForm(formFields(schema, { ...stored, ...request.body }), request.body) : request.body;

const ok = (body: unknown): AdminAnswer => ({ status: 200, body });

const scopeOf = (parent: EntitySchema, field: string, request: AdminRequest): Scope => ({
  parent,
  field,
  key: request.params[parent.name] ?? '',
});

function filtersOf(schema: EntitySchema, query: URLSearchParams): Condition[] {
  const customId = schema.name === 'consumers' ? query.get('custom_id') : null;
  if (customId === null) return [];
  if (customId === '') throw badRequest('custom_id must be an unempty string');
  return [{ field: 'custom_id', value: customId }];
}

const isPosition = (text: string): boolean => /^\d{1,18}$/.test(text);

/** Answers one page of a collection. Targets come with the newest first, everything else by identifier. */
export async function answerPage(
  schema: EntitySchema,
  operations: EntityOperations,
  request: AdminRequest,
  scope?: Scope,
  isNewestFirst = schema.name === 'targets',
): Promise<AdminAnswer> {
  const { query } = request;
  const { entities, next } = await operations.list(
    {
      size: readSize(query),
      after: readOffset(query, isNewestFirst ? isPosition : isUuid)?.[0],
      tagFilter: readTags(query),
      filters: filtersOf(schema, query),
      isNewestFirst,
    },
    scope,
  );
  return ok(
    pageAnswer(
      entities,
      request.path,
      next === undefined ? undefined : writeOffset(next),
      // Below a parent the next page is told without the filters of this one.
      scope === undefined ? query : undefined,
    ),
  );
}

function itemMethods(
  schema: EntitySchema,
  operations: EntityOperations,
  scope: (request: AdminRequest) => Scope | undefined,
): AdminPath['methods'] {
  const key = (request: AdminRequest): string => request.params[schema.name] ?? '';
  return {
    GET: async (request) => ok(await operations.get(key(request), scope(request))),
    PUT: async (request) => ok(await operations.put(key(request), inputFor(schema, request), scope(request))),
    PATCH: async (request) =>
      ok(await operations.patch(key(request), (stored) => inputFor(schema, request, stored), scope(request))),
    DELETE: async (request) => {
      await operations.delete(key(request), scope(request));
      return { status: 204 };
    },
  };
}

function collectionMethods(
  schema: EntitySchema,
  operations: EntityOperations,
  scope: (request: AdminRequest) => Scope | undefined,
): AdminPath['methods'] {
  return {
    GET: (request) => answerPage(schema, operations, request, scope(request)),
    POST: async (request) => ({
      status: 201,
      body: await operations.create(inputFor(schema, request), scope(request)),
    }),
  };
}

/** `/services/{services}/routes`: the children of one parent. */
function nestedPaths(schema: EntitySchema, operations: EntityOperations): AdminPath[] {
  return Object.entries(schema.fields).flatMap(([field, { type, reference }]) => {
    if (type !== 'foreign' || reference === undefined) return [];
    const parent = requireEntity(reference);
    const path = `${itemOf(parent)}/${schema.nestedAs ?? schema.collection ?? schema.name}`;
    const scope = (request: AdminRequest) => scopeOf(parent, field, request);
    return [
      { path, methods: collectionMethods(schema, operations, scope) },
      { path: `${path}/{${schema.name}}`, methods: itemMethods(schema, operations, scope) },
    ];
  });
}

/** `/routes/{routes}/service`: the parent that a child refers to. */
function parentPaths(schema: EntitySchema, store: ConfigurationStore): AdminPath[] {
  const children = new EntityOperations(schema, store);
  return Object.entries(schema.fields).flatMap(([field, { type, reference }]) => {
    if (type !== 'foreign' || reference === undefined) return [];
    const parent = requireEntity(reference);
    const parents = new EntityOperations(parent, store);
    const childKey = (request: AdminRequest): string => request.params[schema.name] ?? '';
    const parentId = async (request: AdminRequest): Promise<string | undefined> => {
      const found = (await children.get(childKey(request)))[field];
      return isPlainRecord(found) ? String(found.id) : undefined;
    };
    const requireParent = async (request: AdminRequest): Promise<string> => {
      const id = await parentId(request);
      if (id === undefined) throw notFound();
      return id;
    };
    const methods: AdminPath['methods'] = {
      GET: async (request) => ok(await parents.get(await requireParent(request))),
      PATCH: async (request) =>
        ok(await parents.patch(await requireParent(request), (stored) => inputFor(parent, request, stored))),
      PUT: async (request) => {
        const known = await parentId(request);
        const put = await parents.put(known ?? randomUUID(), inputFor(parent, request));
        // A child without a parent gets the one that was made here.
        if (known === undefined) await children.patch(childKey(request), () => ({ [field]: { id: put.id } }));
        return ok(put);
      },
      DELETE: async (request) => {
        await requireParent(request);
        throw methodNotAllowed();
      },
    };
    const isHidden = schema.hiddenParents?.includes(field) === true;
    return [{ path: `${itemOf(schema)}/${field}`, methods: isHidden ? {} : methods }];
  });
}

/** Every path that follows from the tables: collections, items, children below parents, parents of children. */
export function entityPaths(store: ConfigurationStore): AdminPath[] {
  return ENTITIES.flatMap((schema) => {
    const operations = new EntityOperations(schema, store);
    const own = [
      { path: collectionOf(schema), methods: collectionMethods(schema, operations, () => undefined) },
      { path: itemOf(schema), methods: itemMethods(schema, operations, () => undefined) },
      ...parentPaths(schema, store),
    ];
    // What is only reachable below its parent still has its paths, which lead nowhere.
    const hidden = schema.isNestedOnly === true ? own.map(({ path }) => ({ path, methods: {} })) : own;
    return [...hidden, ...nestedPaths(schema, operations)];
  });
}
