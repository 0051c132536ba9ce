import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { localFiles } from '../../../src/adapters/files.ts';
import { elasticsearchChecks } from '../../../src/app/doctor/elk.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { HttpRequest } from '../../../src/core/ports/http.ts';
import { Secret } from '../../../src/core/secret.ts';
import { firstDifference, setupDrift, wantedObjects } from '../../../src/elk/setup-drift.ts';

const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(`${packageRoot}elk/elasticsearch/${file}`, 'utf8');
const wanted = wantedObjects(read('objects'), read, '14d');

/** What Elasticsearch answers when it was set up: in the form, and with the additions, that its documentation shows. */
function documentedAnswers(): Map<string, unknown> {
  return new Map<string, unknown>(
    wanted.map(({ path, body }): [string, unknown] => {
      const [kind = '', name = ''] = path.split('/').slice(-2);
      const key = kind.slice(1);
      if (key.endsWith('_template')) return [path, { [`${key}s`]: [{ name, [key]: structuredClone(body) }] }];
      return [path, { [name]: { metadata: {}, version: 3, ...(structuredClone(body) as object) } }];
    }),
  );
}

function answering(answers: ReadonlyMap<string, unknown>, status = 200) {
  const asked: HttpRequest[] = [];
  return {
    asked,
    request: async (request: HttpRequest) => {
      asked.push(request);
      const answer = answers.get(new URL(request.url).pathname);
      const found = answer === undefined ? 404 : status;
      return { status: found, headers: {}, body: JSON.stringify(answer ?? {}), durationMs: 1 };
    },
  };
}

const access = { url: 'http://127.0.0.1:9200', password: new Secret('hunter2') };
const driftOf = (answers: ReadonlyMap<string, unknown>) => setupDrift(answering(answers), access, wanted);

describe('what differs between an object and how Elasticsearch gives it back', () => {
  it('is nothing where it only adds defaults, nests settings and turns them into texts', () => {
    const settings = {
      template: { settings: { 'index.number_of_replicas': 0, 'index.lifecycle.name': 'a' } },
    };
    const live = { template: { settings: { index: { number_of_replicas: '0', lifecycle: { name: 'a' } } } } };
    expect(firstDifference(settings, live)).toBeUndefined();
    const policy = { phases: { hot: { actions: { rollover: { max_age: '1d' } } } } };
    const answered = { phases: { hot: { min_age: '0ms', actions: { rollover: { max_age: '1d' } } } } };
    expect(firstDifference(policy, answered)).toBeUndefined();
    expect(
      firstDifference(
        { indices: [{ names: ['a'] }] },
        { indices: [{ names: ['a'], allow_restricted_indices: false }] },
      ),
    ).toBeUndefined();
  });

  it.each([
    ['another value', { a: { b: '14d' } }, { a: { b: '7d' } }, 'a.b'],
    ['a value that is gone', { a: { b: 1 } }, { a: {} }, 'a.b'],
    ['a right too many', { cluster: ['monitor'] }, { cluster: ['monitor', 'all'] }, 'cluster'],
    ['a field too many', { properties: { a: {} } }, { properties: { a: {}, b: {} } }, 'properties.b'],
    ['a phase that is gone', { phases: { delete: {} } }, { phases: {} }, 'phases.delete'],
    ['no object at all', { a: 1 }, undefined, ''],
  ])('is the place of %s', (_what, object, live, place) => {
    expect(firstDifference(object, live)).toBe(place);
  });
});

describe('the drift of Elasticsearch’s setup', () => {
  it('is nothing when all is as the job leaves it', async () => {
    expect(wanted).toHaveLength(15);
    expect(await driftOf(documentedAnswers())).toEqual([]);
  });

  it('names what is missing and what is other', async () => {
    const answers = documentedAnswers();
    answers.delete('/_index_template/apictl-logs-kong');
    answers.set('/_security/user/exporter', { exporter: { roles: ['superuser'], enabled: true } });
    answers.set('/_ilm/policy/apictl-logs', { 'apictl-logs': { policy: { phases: {} } } });
    expect(await driftOf(answers)).toEqual([
      { path: '/_ilm/policy/apictl-logs', what: 'policy.phases.hot' },
      { path: '/_index_template/apictl-logs-kong', what: 'missing' },
      { path: '/_security/user/exporter', what: 'roles.0' },
    ]);
  });

  it('is not told where Elasticsearch refuses to', async () => {
    const http = answering(documentedAnswers(), 401);
    await expect(setupDrift(http, access, wanted)).rejects.toThrow(/GET \/_security\/\S+ answered 401/);
  });
});

describe('the check of doctor', () => {
  const project = {
    root: '/project',
    config: configSchema.parse({ retention: { elasticsearch: '2w' } }),
  } as Parameters<typeof elasticsearchChecks>[1];
  const containers = [
    { service: 'elasticsearch', state: 'running' as const, name: 'apictl-elasticsearch-1' },
    { service: 'elasticsearch-setup', state: 'exited' as const, name: 'apictl-elasticsearch-setup-1' },
  ];
  const files = {
    ...localFiles,
    read: async (path: string) =>
      path === '/project/secrets/values/elastic-password' ? Buffer.from('hunter2') : localFiles.read(path),
  };
  const check = (answers: ReadonlyMap<string, unknown>, given = containers) => {
    const http = answering(answers);
    const world = { http, files, packageRoot };
    return elasticsearchChecks(world, project, given).then((checks) => ({ checks, asked: http.asked }));
  };

  it('asks as elastic, and finds a setup of two weeks as it should be', async () => {
    const { checks, asked } = await check(documentedAnswers());
    expect(checks).toEqual([
      {
        name: 'elasticsearch setup',
        ok: true,
        found: '15 objects are as the setup job leaves them',
        fix: '',
      },
    ]);
    expect(new Set(asked.map(({ headers }) => headers?.authorization))).toEqual(
      new Set([`Basic ${Buffer.from('elastic:hunter2').toString('base64')}`]),
    );
  });

  it('says what differs and how the job is run again', async () => {
    const answers = documentedAnswers();
    answers.delete('/_snapshot/apictl');
    expect((await check(answers)).checks).toMatchObject([
      {
        ok: false,
        found: '/_snapshot/apictl: missing',
        fix: 'Run "docker rm apictl-elasticsearch-setup-1" and then "apictl up": the job sets everything up again.',
      },
    ]);
  });

  it('asks nothing where Elasticsearch does not run', async () => {
    const { checks, asked } = await check(documentedAnswers(), []);
    expect([checks, asked]).toEqual([[], []]);
  });
});
