/**
 * The part of Kibana that the setup job and the doctor meet, by hand: import and export of stored objects. It refuses what the real
 * one documents: no kbn-xsrf, a wrong password, a type that the role's privileges do not cover, a file that is not called .ndjson,
 * lines that are no objects; objects whose references exist nowhere it names in an answer with status 200.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

const importedSchema = z.looseObject({
  type: z.string(),
  id: z.string(),
  attributes: z.looseObject({ title: z.string().optional() }),
  references: z.array(z.object({ name: z.string(), type: z.string(), id: z.string() })).default([]),
});
type Imported = z.output<typeof importedSchema>;

/** A user with the application privileges of its one role, as they are put into Elasticsearch. */
export interface KibanaUser {
  readonly name: string;
  readonly password: string;
  readonly role: unknown;
}

const roleSchema = z.object({
  applications: z
    .array(
      z.object({ application: z.string(), privileges: z.array(z.string()), resources: z.array(z.string()) }),
    )
    .default([]),
});

/** Feature privilege -> the types of stored objects that it lets write. Another name grants nothing. */
const WRITABLE: Readonly<Record<string, (type: string) => boolean>> = {
  'feature_savedObjectsManagement.all': () => true,
  'feature_indexPatterns.all': (type) => type === 'index-pattern',
  'feature_discover.all': (type) => type === 'search',
  'feature_visualize.all': (type) => type === 'lens',
  'feature_dashboard.all': (type) => type === 'dashboard',
};

/** Whether a role lets somebody write objects of a type into the default space. */
const mayWrite = (role: unknown, type: string): boolean =>
  roleSchema
    .parse(role)
    .applications.some(
      ({ application, privileges, resources }) =>
        application === 'kibana-.kibana' &&
        resources.some((resource) => resource === '*' || resource === 'space:default') &&
        privileges.some((privilege) => WRITABLE[privilege]?.(type) === true),
    );

export interface FakeKibana {
  readonly url: string;
  /** `type id` -> the object. */
  readonly objects: Map<string, Imported>;
  /** How many requests it answers with 503 before it is ready. */
  notReadyFor: number;
  /** How many requests it forbids before its privileges mean something. */
  forbiddenFor: number;
  requests: number;
}

const PATHS: Readonly<Record<string, 'import' | 'export'>> = {
  '/api/saved_objects/_import': 'import',
  '/api/saved_objects/_export': 'export',
};

const exportSchema = z.strictObject({
  type: z.array(z.string()).nonempty(),
  excludeExportDetails: z.boolean().default(false),
});

/** References of other types are not looked at by the import. */
const CHECKED = new Set(['index-pattern', 'search']);
const keyOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type} ${id}`;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const refusal = (statusCode: number, error: string, message: string): Answer => ({
  status: statusCode,
  body: { statusCode, error, message },
});

export async function fakeKibana({ name, password, role }: KibanaUser): Promise<FakeKibana> {
  const fake: { -readonly [K in keyof FakeKibana]: FakeKibana[K] } = {
    url: '',
    objects: new Map(),
    notReadyFor: 0,
    forbiddenFor: 0,
    requests: 0,
  };

  async function answerTo(request: Request): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url);
    if (fake.requests++ < fake.notReadyFor) return { status: 503, body: 'Kibana server is not ready yet' };
    const login = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    if (request.headers.get('authorization') !== login) {
      const given = request.headers.get('authorization')?.replace('Basic ', '') ?? '';
      const [user] = Buffer.from(given, 'base64').toString('utf8').split(':');
      return refusal(401, 'Unauthorized', `unable to authenticate user [${user}]`);
    }
    if (request.method !== 'POST' || !(pathname in PATHS)) return refusal(404, 'Not Found', 'Not Found');
    if (!request.headers.has('kbn-xsrf'))
      return refusal(400, 'Bad Request', 'Request must contain a kbn-xsrf header.');
    if (PATHS[pathname] === 'export') return exported(await request.json());
    const file = (await request.formData()).get('file');
    if (!(file instanceof File)) return refusal(400, 'Bad Request', '[request body.file]: expected a file');
    if (!file.name.endsWith('.ndjson'))
      return refusal(400, 'Bad Request', `Invalid file extension .${file.name.split('.').at(-1)}`);
    return imported(await file.text(), searchParams.get('overwrite') === 'true');
  }

  /** Lines of JSON; every object with what Kibana itself adds. */
  function exported(body: unknown): Answer {
    const asked = exportSchema.safeParse(body);
    if (!asked.success) return refusal(400, 'Bad Request', z.prettifyError(asked.error));
    const { type, excludeExportDetails } = asked.data;
    const forbidden = type.filter((kind) => !mayWrite(role, kind));
    if (forbidden.length > 0) return refusal(403, 'Forbidden', `Unable to find ${forbidden}`);
    const found = [...fake.objects.values()].filter((object) => type.includes(object.type));
    const added = {
      created_at: '2026-11-26T10:00:00.000Z',
      updated_at: '2026-11-26T10:00:00.000Z',
      version: 'WzEsMV0=',
    };
    const lines: unknown[] = found.map((object) => ({ ...object, ...added }));
    if (!excludeExportDetails)
      lines.push({ exportedCount: found.length, missingRefCount: 0, missingReferences: [] });
    return { status: 200, body: lines.map((line) => JSON.stringify(line)).join('\n') };
  }

  function imported(text: string, overwrite: boolean): Answer {
    let objects: Imported[];
    try {
      objects = text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => importedSchema.parse(JSON.parse(line)));
    } catch (error) {
      return refusal(400, 'Bad Request', String(error));
    }
    const kinds = [...new Set(objects.map(({ type }) => type))].sort();
    const forbidden = kinds.filter((type) => !mayWrite(role, type) || fake.forbiddenFor > 0);
    if (forbidden.length > 0) {
      fake.forbiddenFor -= 1;
      return refusal(403, 'Forbidden', `Unable to bulk_create ${forbidden}`);
    }
    const present = new Set([...fake.objects.keys(), ...objects.map(keyOf)]);
    const errors = objects.flatMap((object) => {
      const references = object.references.filter((to) => CHECKED.has(to.type) && !present.has(keyOf(to)));
      const { type, id } = object;
      if (references.length > 0) return [{ type, id, error: { type: 'missing_references', references } }];
      const isThere = fake.objects.has(keyOf(object));
      return isThere && !overwrite ? [{ type, id, error: { type: 'conflict' } }] : [];
    });
    const bad = new Set(errors.map(keyOf));
    const good = objects.filter((object) => !bad.has(keyOf(object)));
    for (const object of good) fake.objects.set(keyOf(object), object);
    return {
      status: 200,
      body: {
        successCount: good.length,
        success: errors.length === 0,
        warnings: [],
        ...(errors.length === 0 ? {} : { errors }),
        successResults: good.map(({ type, id }) => ({ type, id })),
      },
    };
  }

  const server = createServer((incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const headers = new Headers(
        Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
      );
      const { method = 'GET', url = '/' } = incoming;
      const body = method === 'GET' ? null : Buffer.concat(chunks);
      const answer = await answerTo(new Request(`http://kibana${url}`, { method, headers, body }));
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
