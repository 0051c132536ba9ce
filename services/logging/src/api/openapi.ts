/** Endpoints -> OpenAPI 3.1. Pure. */
import { z } from 'zod';
import type { AnyEndpoint } from './endpoint.ts';

const PROBLEM = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    line: z.int().optional(),
  }),
});

type Json = Record<string, unknown>;

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}

function parametersOf({ path, query }: AnyEndpoint): Json[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  if (query === undefined) return inPath;
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
  return [...inPath, ...inQuery];
}

function content(type: string, schema: Json): Json {
  return { content: { [type]: { schema } } };
}

function operationOf(endpoint: AnyEndpoint): Json {
  const { summary, body, answer, stream, isOpen } = endpoint;
  const parameters = parametersOf(endpoint);
  const success =
    stream !== undefined
      ? { 200: { description: 'The stream', ...content(stream, { type: 'string' }) } }
      : answer === undefined
        ? { 204: { description: 'Done' } }
        : { 200: { description: 'The answer', ...content('application/json', schemaOf(answer, 'output')) } };
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, ...content('application/json', schemaOf(body, 'input')) } }),
    responses: {
      ...success,
      default: {
        description: 'What is wrong, and what to do',
        ...content('application/json', { $ref: '#/components/schemas/Problem' }),
      },
    },
    ...(isOpen === true ? { security: [] } : {}),
  };
}

export function openApi(endpoints: readonly AnyEndpoint[], cookie: string): Json {
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'apictl logging service',
      version: '1',
      description: 'Search, statistics and administration of the stored events.',
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(PROBLEM, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: cookie },
      },
    },
  };
}
