/**
 * The part of Elasticsearch that its setup job meets, by hand. It keeps what it is given and refuses what the real one documents:
 * a wrong password, passwords under six characters, unknown privileges, unknown keys in policies, templates and mappings,
 * components that are not there, two templates of one priority for the same data streams, snapshots outside `path.repo`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly body: unknown;
}

export interface FakeElasticsearch {
  readonly url: string;
  /** Path -> what was put there. */
  readonly state: Map<string, unknown>;
  readonly requests: Asked[];
  /** What it answers to the n-th request instead of judging it. */
  instead: (index: number) => { readonly status: number; readonly body: string } | undefined;
  /** The template that a data stream of this name would be made from: the one of the highest priority. */
  templateOf(dataStream: string): string | undefined;
}

const time = z.string().regex(/^\d+(?:nanos|micros|ms|s|m|h|d)$/);
const size = z.string().regex(/^\d+(?:b|kb|mb|gb|tb)$/);
const credentials = z.string().min(6, 'passwords must be at least [6] characters long');
const meta = z.record(z.string(), z.unknown()).optional();

const keyword = z.strictObject({
  type: z.literal('keyword'),
  ignore_above: z.int().optional(),
  index: z.boolean().optional(),
  doc_values: z.boolean().optional(),
});
const number = z.strictObject({
  type: z.enum(['long', 'integer', 'short']),
  ignore_malformed: z.boolean().optional(),
});
const mapping = z.union([
  keyword,
  number,
  z.strictObject({ type: z.enum(['flattened', 'wildcard']), ignore_above: z.int().optional() }),
  z.strictObject({ type: z.enum(['date', 'ip']), ignore_malformed: z.boolean().optional() }),
  z.strictObject({ type: z.literal('match_only_text') }),
  z.strictObject({
    dynamic: z.boolean().optional(),
    get properties() {
      return z.record(z.string(), mapping);
    },
  }),
]);

const SCHEMAS: readonly (readonly [RegExp, z.ZodType])[] = [
  [/^POST \/_security\/user\/kibana_system\/_password$/, z.strictObject({ password: credentials })],
  [
    /^PUT \/_security\/user\/\w+$/,
    z.strictObject({ password: credentials, roles: z.array(z.string()).nonempty() }),
  ],
  [
    /^PUT \/_security\/role\/\w+$/,
    z.strictObject({
      cluster: z.array(z.enum(['monitor', 'manage_ilm', 'manage_index_templates', 'all', 'none'])),
      indices: z.array(
        z.strictObject({
          names: z.array(z.string()).nonempty(),
          privileges: z
            .array(
              z.enum([
                ...(['all', 'auto_configure', 'create', 'create_doc', 'create_index', 'delete'] as const),
                ...(['index', 'manage', 'monitor', 'read', 'view_index_metadata', 'write'] as const),
              ]),
            )
            .nonempty(),
        }),
      ),
      applications: z
        .array(
          z.strictObject({
            application: z.string().regex(/^[a-z][a-z0-9]{2,}(?:[-_].+)?$/),
            privileges: z.array(z.string().regex(/^[a-z][a-zA-Z0-9_.-]*$/)).nonempty(),
            resources: z.array(z.string().min(1)).nonempty(),
          }),
        )
        .optional(),
    }),
  ],
  [
    /^PUT \/_ilm\/policy\/[\w-]+$/,
    z.strictObject({
      policy: z.strictObject({
        _meta: meta,
        phases: z.strictObject({
          hot: z.strictObject({
            min_age: time.optional(),
            actions: z.strictObject({
              rollover: z.strictObject({ max_age: time, max_primary_shard_size: size }),
            }),
          }),
          delete: z.strictObject({
            min_age: time,
            actions: z.strictObject({ delete: z.strictObject({}) }),
          }),
        }),
      }),
    }),
  ],
  [
    /^PUT \/_component_template\/[\w@-]+$/,
    z.strictObject({
      _meta: meta,
      template: z.strictObject({
        settings: z
          .strictObject({
            'index.lifecycle.name': z.string(),
            'index.number_of_replicas': z.int().min(0),
            'index.mapping.total_fields.limit': z.int().min(0),
            'index.mapping.total_fields.ignore_dynamic_beyond_limit': z.boolean(),
          })
          .partial()
          .optional(),
        mappings: z
          .strictObject({ dynamic: z.boolean().optional(), properties: z.record(z.string(), mapping) })
          .optional(),
      }),
    }),
  ],
  [
    /^PUT \/_index_template\/[\w-]+$/,
    z.strictObject({
      _meta: meta,
      index_patterns: z.array(z.string().regex(/^[a-z0-9._*-]+$/)).nonempty(),
      data_stream: z.strictObject({}),
      priority: z.int().min(0),
      composed_of: z.array(z.string()),
    }),
  ],
  [
    /^PUT \/_snapshot\/\w+$/,
    z.strictObject({
      type: z.literal('fs'),
      settings: z.strictObject({
        location: z.string().startsWith('/usr/share/elasticsearch/snapshots'),
        compress: z.boolean(),
      }),
    }),
  ],
];

const templateSchema = z.object({
  index_patterns: z.array(z.string()),
  priority: z.number(),
  composed_of: z.array(z.string()),
});
type Template = z.output<typeof templateSchema>;

/** What every Elasticsearch 8 brings. */
const BUILT_IN_COMPONENTS = ['logs@mappings', 'logs@settings', 'ecs@mappings'];
const BUILT_IN_TEMPLATE: readonly [string, Template] = [
  'logs',
  { index_patterns: ['logs-*-*'], priority: 100, composed_of: [] },
];

const TEMPLATES = '/_index_template/';
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name);
/** Whether one name could fall under both: each pattern is tried with the other as a name. */
const overlap = (a: readonly string[], b: readonly string[]): boolean =>
  a.some((one) => b.some((other) => matches(one, other) || matches(other, one)));

const refusal = (status: number, type: string, reason: string) => ({
  status,
  body: JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason }, status }),
});

export async function fakeElasticsearch(password: string): Promise<FakeElasticsearch> {
  const state = new Map<string, unknown>();
  const requests: Asked[] = [];
  const templates = (): (readonly [string, Template])[] => [
    BUILT_IN_TEMPLATE,
    ...[...state]
      .filter(([path]) => path.startsWith(TEMPLATES))
      .map(([path, body]) => [path.slice(TEMPLATES.length), templateSchema.parse(body)] as const),
  ];
  const fake: { -readonly [K in keyof FakeElasticsearch]: FakeElasticsearch[K] } = {
    url: '',
    state,
    requests,
    instead: () => undefined,
    templateOf: (dataStream) =>
      templates()
        .filter(([, { index_patterns }]) => index_patterns.some((pattern) => matches(pattern, dataStream)))
        .sort(([, a], [, b]) => b.priority - a.priority)[0]?.[0],
  };

  function judged({ method, path, user, body }: Asked): { status: number; body: string } {
    if (user !== `elastic:${password}`)
      return refusal(401, 'security_exception', 'unable to authenticate user [elastic]');
    const schema = SCHEMAS.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
    if (schema === undefined)
      return refusal(400, 'illegal_argument_exception', `no handler for [${method} ${path}]`);
    const read = schema.safeParse(body);
    if (!read.success) return refusal(400, 'x_content_parse_exception', z.prettifyError(read.error));
    if (path.startsWith(TEMPLATES)) {
      const name = path.slice(TEMPLATES.length);
      const template = templateSchema.parse(body);
      const missing = template.composed_of.filter(
        (part) => !BUILT_IN_COMPONENTS.includes(part) && !state.has(`/_component_template/${part}`),
      );
      if (missing.length > 0)
        return refusal(
          400,
          'invalid_index_template_exception',
          `index_template [${name}] invalid, cause [composed of component templates [${missing}] that do not exist]`,
        );
      const rival = templates().find(
        ([other, { index_patterns, priority }]) =>
          other !== name &&
          priority === template.priority &&
          overlap(index_patterns, template.index_patterns),
      );
      if (rival !== undefined)
        return refusal(
          400,
          'illegal_argument_exception',
          `index template [${name}] has index patterns matching patterns from existing templates [${rival[0]}] that have the same priority [${template.priority}]`,
        );
    }
    state.set(path, body);
    return { status: 200, body: '{"acknowledged":true}' };
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const login = request.headers.authorization?.replace('Basic ', '') ?? '';
      const asked: Asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        user: Buffer.from(login, 'base64').toString('utf8'),
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      };
      const answer = fake.instead(requests.length) ?? judged(asked);
      requests.push(asked);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
