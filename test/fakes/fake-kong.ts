import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApictlError, EXIT } from '../../src/core/errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../../src/core/ports/http.ts';
import { fakeMemberships } from './fake-memberships.ts';

type Entity = Record<string, unknown> & { id: string };
type FieldSchema = {
  type: string;
  default?: unknown;
  required?: boolean;
  auto?: boolean;
  fields?: Record<string, FieldSchema>[];
};

/**
 * What goes wrong with one request. `reset-after`: the change is made, the answer is lost. `late`: no answer in time, and the change is
 * made after the next request.
 */
export type Fault = 429 | 500 | 502 | 503 | 504 | 'reset' | 'reset-after' | 'late' | 'refuse';

export interface FakeKong {
  readonly http: Http;
  /** `PUT /services/<id>`, in order of arrival. */
  readonly requests: readonly string[];
  /** Requests that change something. */
  readonly writes: () => readonly string[];
  readonly forgetRequests: () => void;
  readonly entities: (collection: string) => readonly Entity[];
  /** Somebody else's hand. */
  readonly put: (collection: string, entity: Record<string, unknown>) => Entity;
  readonly remove: (collection: string, id: string) => void;
  /** `<group id> <consumer id>` */
  readonly memberships: () => readonly string[];
  /** Decides for each request, given its number among the writes (from 1; 0 for reads) and its text. */
  onRequest: (write: number, request: string) => Fault | undefined;
  root: unknown;
  /** What the balancer says of a target; healthy without an address where nobody sets it. */
  health: (target: string) => { readonly health: string; readonly addresses: readonly string[] };
  /** A verdict of the validation endpoints: the message, or nothing. */
  verdict: (entity: string, body: Record<string, unknown>) => string | undefined;
}

const fixtures = new Map<string, string>();

function fixture(name: string): unknown {
  const known = fixtures.get(name);
  const text =
    known ?? readFileSync(new URL(`../fixtures/kong/samples/${name}.json`, import.meta.url), 'utf8');
  fixtures.set(name, text);
  return JSON.parse(text);
}

const COLLECTIONS: Record<
  string,
  { schema: string; unique: string[]; parent?: string; references?: string[] }
> = {
  services: { schema: 'services', unique: ['name'] },
  routes: { schema: 'routes', unique: ['name'], references: ['service'] },
  upstreams: { schema: 'upstreams', unique: ['name'] },
  targets: { schema: 'targets', unique: [], references: ['upstream'] },
  consumers: { schema: 'consumers', unique: ['username', 'custom_id'] },
  plugins: {
    schema: '',
    unique: ['instance_name'],
    references: ['service', 'route', 'consumer', 'consumer_group'],
  },
  certificates: { schema: 'certificates', unique: [] },
  snis: { schema: 'snis', unique: ['name'], references: ['certificate'] },
  'key-auths': { schema: '', unique: ['key'], references: ['consumer'] },
  'basic-auths': { schema: '', unique: ['username'], references: ['consumer'] },
  acls: { schema: '', unique: [], references: ['consumer'] },
  consumer_groups: { schema: '', unique: ['name'] },
};
const NESTED: Record<string, [field: string, collection: string]> = {
  'consumers/key-auth': ['consumer', 'key-auths'],
  'consumers/basic-auth': ['consumer', 'basic-auths'],
  'consumers/acls': ['consumer', 'acls'],
  'upstreams/targets': ['upstream', 'targets'],
};
const PARENT_OF: Record<string, string> = {
  service: 'services',
  route: 'routes',
  consumer: 'consumers',
  consumer_group: 'consumer_groups',
  upstream: 'upstreams',
  certificate: 'certificates',
};

function withDefaults(fields: Record<string, FieldSchema>[] | undefined, given: Record<string, unknown>) {
  const result: Record<string, unknown> = { ...given };
  for (const [name, schema] of (fields ?? []).flatMap((field) => Object.entries(field))) {
    if (result[name] === undefined) result[name] = structuredClone(schema.default) ?? null;
    if (schema.type === 'record' && (schema.required === true || result[name] !== null)) {
      result[name] = withDefaults(schema.fields, (result[name] ?? {}) as Record<string, unknown>);
    }
  }
  return result;
}

const schemaFile = (name: string) => fixture(`schemas/${name}`) as { fields: Record<string, FieldSchema>[] };

const CONSUMER_GROUP_SCHEMA = {
  fields: [
    { id: { type: 'string', auto: true } },
    { name: { type: 'string', required: true } },
    { tags: { type: 'set', elements: { type: 'string' } } },
  ],
};

/**
 * Kong's Admin API as far as a seed uses it, kept in memory; what it does is what the recordings show of the real one. Consumer groups are in
 * Kong Enterprise only.
 */
export function fakeKong({ consumerGroups = false } = {}): FakeKong {
  const stores = new Map(Object.keys(COLLECTIONS).map((name) => [name, new Map<string, Entity>()]));
  if (!consumerGroups) stores.delete('consumer_groups');
  const store = (name: string) => stores.get(name) ?? new Map<string, Entity>();
  const requests: string[] = [];
  let writeCount = 0;

  const complete = (collection: string, given: Record<string, unknown>): Record<string, unknown> => {
    if (collection === 'plugins') {
      const own = schemaFile(`plugin-${String(given.name)}`).fields;
      const frame = {
        instance_name: null,
        enabled: true,
        service: null,
        route: null,
        consumer: null,
        tags: null,
      };
      return {
        ...frame,
        ...withDefaults(
          own.filter((field) => !('consumer' in field)),
          given,
        ),
      };
    }
    if (collection === 'key-auths') return { ttl: null, tags: null, key: randomUUID(), ...given };
    if (collection === 'basic-auths') {
      const { id: consumerId } = given.consumer as { id: string };
      const hash = createHash('sha1')
        .update(`${String(given.password)}${consumerId}`)
        .digest('hex');
      return { tags: null, ...given, password: hash };
    }
    const { schema } = COLLECTIONS[collection] ?? { schema: '' };
    if (schema === '') return { tags: null, ...given };
    const { snis: _snis, ...rest } = withDefaults(schemaFile(schema).fields, given) as Record<
      string,
      unknown
    >;
    return collection === 'certificates'
      ? rest
      : { ...rest, ...(collection === 'routes' ? { snis: _snis } : {}) };
  };

  const answer = (status: number, body?: unknown): HttpResponse => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? '' : JSON.stringify(body),
    durationMs: 1,
  });
  const notFound = () => answer(404, { message: 'Not found' });

  const violation = (collection: string, entity: Entity): HttpResponse | undefined => {
    const facts = COLLECTIONS[collection];
    for (const reference of facts?.references ?? []) {
      const to = (entity[reference] as { id?: string } | null | undefined)?.id;
      if (to !== undefined && !store(PARENT_OF[reference] ?? '').has(to)) {
        return answer(400, {
          code: 4,
          message: `the foreign key '{id="${to}"}' does not reference an existing entity`,
        });
      }
    }
    const scope = (one: Entity) =>
      collection === 'targets'
        ? JSON.stringify([one.target, one.upstream])
        : JSON.stringify([
            one.name,
            ...['service', 'route', 'consumer', 'consumer_group'].map((field) => one[field] ?? null),
          ]);
    const own = ['targets', 'plugins'].includes(collection) ? scope(entity) : undefined;
    for (const other of store(collection).values()) {
      if (other.id === entity.id) continue;
      let clash: string | undefined;
      for (const field of facts?.unique ?? []) {
        if (entity[field] != null && other[field] === entity[field]) clash = field;
      }
      if (own !== undefined && own === scope(other)) clash = collection === 'targets' ? 'target' : 'name';
      if (clash !== undefined) {
        return answer(409, {
          code: 5,
          message: `UNIQUE violation detected on '{${clash}="${String(entity[clash])}"}'`,
        });
      }
    }
    return undefined;
  };
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

  const find = (
    collection: string,
    key: string,
    among: readonly Entity[] = [...store(collection).values()],
  ): Entity | undefined =>
    among.find(({ id }) => id === key) ??
    among.find((entity) => entity.name === key || entity.username === key || entity.target === key);

  const save = (collection: string, id: string, given: Record<string, unknown>, status: number) => {
    const nowSeconds = 1_795_457_678;
    const entity = {
      ...complete(collection, given),
      id,
      created_at: nowSeconds,
      updated_at: nowSeconds,
    } as Entity;
    const refusal = violation(collection, entity);
    if (refusal !== undefined) return refusal;
    store(collection).set(id, entity);
    return answer(status, entity);
  };

  const remove = (collection: string, id: string): HttpResponse => {
    if (!store(collection).has(id)) return collection === 'targets' ? notFound() : answer(204);
    const field = {
      services: 'service',
      routes: 'route',
      consumers: 'consumer',
      upstreams: 'upstream',
      certificates: 'certificate',
      consumer_groups: 'consumer_group',
    }[collection];
    if (field !== undefined) {
      for (const [name, entities] of stores) {
        for (const entity of [...entities.values()]) {
          if ((entity[field] as { id?: string } | null | undefined)?.id !== id) continue;
          if (name === 'routes') {
            return answer(400, {
              code: 4,
              message: "an existing 'routes' entity references this 'services' entity",
            });
          }
          entities.delete(entity.id);
        }
      }
    }
    store(collection).delete(id);
    memberships.forget(id);
    return answer(204);
  };

  const list = (entities: readonly Entity[], query: URLSearchParams): HttpResponse => {
    const tags = query.get('tags')?.split(',') ?? [];
    const size = Number(query.get('size') ?? 100);
    const start = Number(query.get('offset') ?? 0);
    const matching = entities.filter((entity) =>
      tags.every((tag) => (entity.tags as string[] | null)?.includes(tag)),
    );
    const data = matching.slice(start, start + size);
    const isMore = start + size < matching.length;
    return answer(200, isMore ? { data, offset: String(start + size), next: '/more' } : { data, next: null });
  };

  const healthOf = (upstream: string): HttpResponse => {
    const parent = find('upstreams', upstream);
    if (parent === undefined) return notFound();
    const targets = [...store('targets').values()].filter((one) => same(one.upstream, { id: parent.id }));
    const data = targets.map((target) => {
      const { health, addresses } = kong.health(String(target.target));
      const listed = addresses.map((ip) => ({ ip, port: 8000, weight: target.weight, health }));
      return { ...target, health, data: { addresses: listed.length === 0 ? {} : listed } };
    });
    return answer(200, { data, next: null, node_id: 'n' });
  };

  const memberships = fakeMemberships({ find, answer, list });

  const respond = (method: string, url: URL, body: Record<string, unknown>): HttpResponse => {
    const parts = url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    const [first, second, third, fourth] = parts;
    if (first === undefined) return answer(200, kong.root);
    if (first === 'schemas') {
      if (parts.at(-1) === 'validate') {
        const message = kong.verdict(second ?? '', body);
        return message === undefined
          ? answer(200, { message: 'schema validation successful' })
          : answer(400, { code: 2, name: 'schema violation', message: `schema violation (${message})` });
      }
      if (second === 'consumer_groups' && stores.has(second)) return answer(200, CONSUMER_GROUP_SCHEMA);
      try {
        return answer(200, fixture(`schemas/${second === 'plugins' ? `plugin-${third}` : second}`));
      } catch {
        return answer(404, { message: 'No entity named that' });
      }
    }
    const membership = stores.has('consumer_groups')
      ? memberships.respond(method, parts, body, url.searchParams)
      : undefined;
    if (membership !== undefined) return membership;
    if (first === 'upstreams' && third === 'health') return healthOf(second ?? '');
    const nested = NESTED[`${first}/${third}`];
    if (nested !== undefined && second !== undefined) {
      const [field, collection] = nested;
      const parent = find(first, second);
      if (parent === undefined) return notFound();
      const children = [...store(collection).values()].filter((entity) =>
        same(entity[field], { id: parent.id }),
      );
      return collectionAnswer(
        method,
        collection,
        fourth,
        children,
        { ...body, [field]: { id: parent.id } },
        url,
      );
    }
    if (!stores.has(first) || first === 'targets') return notFound();
    return collectionAnswer(method, first, second, [...store(first).values()], body, url);
  };

  const collectionAnswer = (
    method: string,
    collection: string,
    key: string | undefined,
    among: readonly Entity[],
    body: Record<string, unknown>,
    url: URL,
  ): HttpResponse => {
    if (key === undefined) {
      if (method === 'GET') return list(among, url.searchParams);
      if (method === 'POST') return save(collection, String(body.id ?? randomUUID()), body, 201);
      return answer(405, { message: 'Method not allowed' });
    }
    const existing = find(collection, key, among);
    if (method === 'PUT' && collection === 'targets') return notFound();
    if (method === 'PUT') return save(collection, existing?.id ?? key, body, 200);
    if (method === 'DELETE') return remove(collection, existing?.id ?? key);
    if (existing === undefined) return notFound();
    if (method === 'GET') return answer(200, existing);
    if (method === 'PATCH') {
      const patched = save(collection, existing.id, { ...existing, ...body }, 200);
      // Only a password that is given is hashed.
      const kept = store(collection).get(existing.id);
      if (kept !== undefined && 'password' in existing && !('password' in body))
        kept.password = existing.password;
      return patched;
    }
    return answer(405, { message: 'Method not allowed' });
  };

  const lost = (what: string) =>
    new ApictlError({ code: 'HTTP_UNREACHABLE', exitCode: EXIT.unhealthy, message: `${what} (ECONNRESET)` });

  const overdue: (() => void)[] = [];
  const request = async (asked: HttpRequest): Promise<HttpResponse> => {
    const url = new URL(asked.url);
    const text = `${asked.method} ${url.pathname}`;
    requests.push(text);
    const isWrite = asked.method !== 'GET' && !url.pathname.startsWith('/schemas/');
    if (isWrite) writeCount += 1;
    const number = isWrite ? writeCount : 0;
    // Answers come later than requests, so that what runs at the same time does overlap.
    await new Promise((resolve) => setImmediate(resolve));
    const fault = kong.onRequest(number, text);
    if (fault === 'reset') throw lost('the connection was reset');
    if (fault === 'refuse')
      return answer(400, { code: 2, message: 'schema violation (refused by the test)' });
    if (typeof fault === 'number') {
      return {
        ...answer(fault, { message: 'An unexpected error occurred' }),
        headers: fault === 429 ? { 'retry-after': '2' } : {},
      };
    }
    const body = asked.body === undefined ? {} : (JSON.parse(String(asked.body)) as Record<string, unknown>);
    if (fault === 'late') {
      overdue.push(() => void respond(asked.method, url, body));
      throw lost('no answer within 10 s');
    }
    const response = respond(asked.method, url, body);
    for (const change of overdue.splice(0)) change();
    if (fault === 'reset-after') throw lost('the connection was reset');
    return response;
  };

  const kong: FakeKong = {
    http: { request },
    requests,
    writes: () => requests.filter((text) => !text.startsWith('GET') && !text.includes(' /schemas/')),
    forgetRequests: () => {
      requests.length = 0;
      writeCount = 0;
    },
    entities: (collection) => [...store(collection).values()],
    put: (collection, entity) => {
      const id = String(entity.id ?? randomUUID());
      const saved = save(collection, id, entity, 200);
      if (saved.status !== 200) throw new Error(saved.body);
      return JSON.parse(saved.body) as Entity;
    },
    remove: (collection, id) => {
      remove(collection, id);
    },
    memberships: memberships.all,
    onRequest: () => undefined,
    root: fixture('root'),
    health: () => ({ health: 'HEALTHY', addresses: [] }),
    verdict: () => undefined,
  };
  return kong;
}
