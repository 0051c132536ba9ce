/**
 * The part of Kibana that the setup job meets, by hand: the import of stored objects. It refuses what the real one documents: no
 * kbn-xsrf, a wrong password, a file that is not called .ndjson, lines that are no objects; objects whose references exist nowhere
 * it names in an answer with status 200.
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

export interface FakeKibana {
  readonly url: string;
  /** `type id` -> the object. */
  readonly objects: Map<string, Imported>;
  /** How many requests it answers with 503 before it is ready. */
  notReadyFor: number;
  requests: number;
}

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

export async function fakeKibana(password: string): Promise<FakeKibana> {
  const fake: { -readonly [K in keyof FakeKibana]: FakeKibana[K] } = {
    url: '',
    objects: new Map(),
    notReadyFor: 0,
    requests: 0,
  };

  async function answerTo(request: Request): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url);
    if (fake.requests++ < fake.notReadyFor) return { status: 503, body: 'Kibana server is not ready yet' };
    const login = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`;
    if (request.headers.get('authorization') !== login)
      return refusal(401, 'Unauthorized', 'unable to authenticate user [elastic]');
    if (request.method !== 'POST' || pathname !== '/api/saved_objects/_import')
      return refusal(404, 'Not Found', 'Not Found');
    if (!request.headers.has('kbn-xsrf'))
      return refusal(400, 'Bad Request', 'Request must contain a kbn-xsrf header.');
    const file = (await request.formData()).get('file');
    if (!(file instanceof File)) return refusal(400, 'Bad Request', '[request body.file]: expected a file');
    if (!file.name.endsWith('.ndjson'))
      return refusal(400, 'Bad Request', `Invalid file extension .${file.name.split('.').at(-1)}`);
    return imported(await file.text(), searchParams.get('overwrite') === 'true');
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
