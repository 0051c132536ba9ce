import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGateway } from '../../src/gateway.ts';
import type { FieldTable } from '../../src/schema/field.ts';
import { ENTITIES, PLUGINS } from '../../src/schema/registry.ts';
import { startDatabase, type TestDatabase } from '../database.ts';
import { addressOf, startTestGateway } from '../gateway.ts';

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  0.5,
  '',
  ' ',
  'x'.repeat(10_000),
  // No compression makes this short enough for an index.
  randomBytes(3_000).toString('hex'),
  '\ud800',
  "'; drop table x; --",
  [],
  [null],
  [[]],
  [{}],
  ['a', 'a', ''],
  {},
  { id: null },
  { id: 'x' },
  { id: '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60' },
  { name: {} },
  { a: { b: [1] } },
];

let database: TestDatabase;
let gateway: RunningGateway;
let admin: string;

beforeAll(async () => {
  database = await startDatabase();
  gateway = await startTestGateway(database.database);
  admin = addressOf(gateway.admin);
});

afterAll(async () => {
  await gateway?.stop();
  await database?.stop();
});

async function send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: string, type = 'application/json') {
  const response = await request(`${admin}${path}`, { method, headers: { 'content-type': type }, body });
  return { status: response.statusCode, text: await response.body.text() };
}

/** Every field of a table, and every field of the records in it. */
function fieldPaths(fields: FieldTable): string[][] {
  return Object.entries(fields).flatMap(([name, field]) => [
    [name],
    ...(field.fields === undefined ? [] : fieldPaths(field.fields).map((path) => [name, ...path])),
  ]);
}

const nest = ([head = '', ...rest]: readonly string[], value: unknown): Record<string, unknown> => ({
  [head]: rest.length === 0 ? value : nest(rest, value),
});

describe('whatever is sent, the gateway answers with an error of the client, never of its own', () => {
  it.each(ENTITIES.filter(({ isNestedOnly }) => isNestedOnly !== true))('for $name', async (schema) => {
    const path = `/${schema.collection ?? schema.name}`;
    for (const field of fieldPaths(schema.fields)) {
      for (const value of ODD_VALUES) {
        const base = { name: 'n', host: 'h', username: 'u', paths: ['/p'] };
        const known = Object.fromEntries(Object.entries(base).filter(([name]) => name in schema.fields));
        const body = JSON.stringify({ ...known, ...nest(field, value) });
        // What lies deeper is judged by the same code; only whole fields are also written.
        const [method, target] =
          field.length > 1
            ? (['POST', `/schemas/${schema.name}/validate`] as const)
            : (['PUT', `${path}/5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f61`] as const);
        const { status, text } = await send(method, target, body);
        expect(status, `${method} ${target} ${body.slice(0, 200)}: ${text.slice(0, 300)}`).toBeLessThan(500);
      }
    }
  });

  it.each(PLUGINS)('for the plugin $name', async ({ name, fields }) => {
    for (const field of fieldPaths(fields)) {
      for (const value of ODD_VALUES) {
        const body = JSON.stringify({ name, ...nest(field, value) });
        const { status, text } = await send('POST', '/schemas/plugins/validate', body);
        expect(status, `${body.slice(0, 200)}: ${text.slice(0, 300)}`).toBeLessThan(500);
      }
    }
  });

  it.each([
    ['POST', '/services', 'a=1&b[c]=2&b[]=3&=4&[]=5', 'application/x-www-form-urlencoded'],
    ['POST', '/services', 'host=%zz&name=%', 'application/x-www-form-urlencoded'],
    ['POST', '/services', 'no parts here', 'multipart/form-data; boundary=x'],
    ['POST', '/services', 'x', 'multipart/form-data'],
    ['PATCH', '/services/%zz', '{}', 'application/json'],
    ['PATCH', '/services/%00', '{}', 'application/json'],
    ['PUT', '/consumers/%F0%9F%98%80', '{}', 'application/json'],
    ['PUT', '/acls/not-an-id', '{}', 'application/json'],
    ['PUT', '/routes/r/service', '{}', 'application/json'],
    ['POST', '/schemas/plugins/validate', '{"name": 5}', 'application/json'],
  ] as const)('for %s %s with %s', async (method, path, body, type) => {
    expect((await send(method, path, body, type)).status).toBeLessThan(500);
  });

  it.each([
    '/services?size[]=1',
    '/services?tags=%00',
    '/services?offset=%00',
    '/tags/%00',
    '/consumers?custom_id=%00',
    '/services/%00',
  ])('for GET %s', async (path) => {
    const response = await request(`${admin}${path}`);
    await response.body.dump();
    expect(response.statusCode).toBeLessThan(500);
  });
});
