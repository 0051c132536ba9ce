import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeElasticsearch, fakeElasticsearch } from '../fakes/fake-elasticsearch.ts';
import { hasJobTools, type SetupJob, setupJob } from '../support/setup-job.ts';

/** The setup job of Elasticsearch, run as it is against a server that keeps what it gets and refuses what Elasticsearch refuses. */

const ELK = fileURLToPath(new URL('../../elk', import.meta.url));

const PASSWORDS = {
  'elastic-password': 'el"as\\tic $HOME `x`',
  'kibana-system-password': `k'ib"ana\\`,
  'logstash-writer-password': 'plain-logstash',
  'logging-writer-password': 'plain-logging',
  'exporter-password': 'ex: #port@er',
  'kibana-setup-password': 'plain-kibana',
};

let server: FakeElasticsearch;
let job: SetupJob;

const jobOf = (elk: string, passwords: Readonly<Record<string, string>> = PASSWORDS): Promise<SetupJob> =>
  setupJob(join(elk, 'elasticsearch/setup.sh'), passwords, {
    ELASTICSEARCH_URL: server.url,
    ELASTICSEARCH_RETENTION: '14d',
  });

/** The job with one of its files changed. */
async function edited(file: string, from: string, to: string): Promise<SetupJob> {
  const copy = join(job.folder, 'elk');
  await cp(ELK, copy, { recursive: true });
  const path = join(copy, 'elasticsearch', file);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
  return jobOf(copy);
}

describe.skipIf(!hasJobTools)('the setup of Elasticsearch', () => {
  beforeEach(async () => {
    server = await fakeElasticsearch(PASSWORDS['elastic-password']);
    job = await jobOf(ELK);
  });

  it('gives each user its password byte for byte and its own role only', async () => {
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect(server.state.get('/_security/user/kibana_system/_password')).toEqual({
      password: PASSWORDS['kibana-system-password'],
    });
    for (const [user, secret] of [
      ['logstash_writer', 'logstash-writer-password'],
      ['logging_writer', 'logging-writer-password'],
      ['exporter', 'exporter-password'],
      ['kibana_setup', 'kibana-setup-password'],
    ] as const) {
      expect(server.state.get(`/_security/user/${user}`)).toEqual({
        password: PASSWORDS[secret],
        roles: [user],
      });
      expect(server.state.has(`/_security/role/${user}`)).toBe(true);
    }
  });

  it('lets those who write add records, and nothing else', async () => {
    await job.run();
    for (const user of ['logstash_writer', 'logging_writer']) {
      expect(server.state.get(`/_security/role/${user}`)).toEqual({
        cluster: ['monitor'],
        indices: [{ names: ['logs-*-*'], privileges: ['create_doc', 'auto_configure'] }],
      });
    }
  });

  it('has its own template for both data streams, before the built-in one', async () => {
    await job.run();
    expect(server.templateOf('logs-kong.access-default')).toBe('apictl-logs-kong');
    expect(server.templateOf('logs-apictl.service-default')).toBe('apictl-logs-services');
    expect(server.templateOf('logs-other-default')).toBe('logs');
  });

  it('rolls over, deletes after the retention, keeps no replicas and lets nobody make fields', async () => {
    await job.run();
    expect(server.state.get('/_ilm/policy/apictl-logs')).toMatchObject({
      policy: {
        phases: {
          hot: { actions: { rollover: { max_age: '1d' } } },
          delete: { min_age: '14d', actions: { delete: {} } },
        },
      },
    });
    expect(server.state.get('/_component_template/apictl-logs-settings')).toMatchObject({
      template: {
        settings: {
          'index.lifecycle.name': 'apictl-logs',
          'index.number_of_replicas': 0,
          'index.mapping.total_fields.limit': 200,
        },
      },
    });
    expect(server.state.get('/_component_template/apictl-logs-mappings')).toMatchObject({
      template: { mappings: { dynamic: false } },
    });
    const text = JSON.stringify(server.state.get('/_component_template/apictl-kong-mappings'));
    expect(text.match(/"headers":\{"type":"flattened"/g)).toHaveLength(2);
  });

  it('hands the fresh volumes over', async () => {
    await job.run();
    expect(await readFile(join(job.folder, 'chown'), 'utf8')).toBe(
      `1000:0 ${job.folder}/volumes/elasticsearch-snapshots\n1000:1000 ${job.folder}/volumes/logstash-data\n`,
    );
  });

  it('leaves the same when it runs again, and brings back what somebody changed or removed', async () => {
    await job.run();
    const first = new Map(server.state);
    server.state.delete('/_index_template/apictl-logs-kong');
    server.state.set('/_security/role/exporter', { cluster: ['all'], indices: [] });
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect(new Map([...server.state].sort())).toEqual(new Map([...first].sort()));
  });

  it('shows no password in arguments or output', async () => {
    const { output } = await job.run();
    const argv = await job.argv();
    for (const password of Object.values(PASSWORDS)) {
      expect(output).not.toContain(password);
      expect(argv).not.toContain(password);
    }
    expect(argv).toContain('--config');
  });

  it('waits while Elasticsearch still elects its master', async () => {
    server.instead = (index) => (index < 2 ? { status: 503, body: '{}' } : undefined);
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect(server.requests.slice(0, 3).map(({ path }) => path)).toEqual(
      Array(3).fill('/_security/user/kibana_system/_password'),
    );
  });

  it('ends with the path, the status and the answer when its password is refused', async () => {
    const { exitCode, output } = await (
      await jobOf(ELK, { ...PASSWORDS, 'elastic-password': 'another' })
    ).run();
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /POST \/_security\/user\/kibana_system\/_password answered 401: .*unable to authenticate user \[elastic\]/,
    );
    expect(server.requests).toHaveLength(1);
  });

  it('ends with the answer when a password is too short, without telling it', async () => {
    const { exitCode, output } = await (
      await jobOf(ELK, { ...PASSWORDS, 'exporter-password': 'short' })
    ).run();
    expect(exitCode).toBe(1);
    expect(output).toMatch(/PUT \/_security\/user\/exporter answered 400: .*at least \[6\] characters/);
    expect(output).not.toMatch(/\bshort\b/);
  });

  it.each([
    [
      'an unknown privilege',
      'roles/exporter.json',
      '"monitor"]',
      '"monitoring"]',
      /role\/exporter answered 400/,
    ],
    [
      'an unknown key of a policy',
      'lifecycle.json',
      '"max_age"',
      '"max_ages"',
      /policy\/apictl-logs answered 400/,
    ],
    [
      'an unknown setting',
      'templates/settings.json',
      'total_fields.limit',
      'fields.limit',
      /settings answered 400/,
    ],
    [
      'an unknown type of field',
      'templates/kong-mappings.json',
      '"flattened"',
      '"flat"',
      /mappings answered 400/,
    ],
    [
      'a template beside the built-in one',
      'templates/kong.json',
      '250',
      '100',
      /\[logs\] that have the same priority/,
    ],
    [
      'a component that is not there',
      'templates/kong.json',
      'apictl-kong-',
      'apictl-king-',
      /that do not exist/,
    ],
    [
      'a folder that snapshots may not use',
      'snapshots.json',
      '/usr/share/elasticsearch/snap',
      '/srv/snap',
      /_snapshot/,
    ],
  ])('ends when Elasticsearch refuses %s', async (_what, file, from, to, message) => {
    const { exitCode, output } = await (await edited(file, from, to)).run();
    expect(exitCode).toBe(1);
    expect(output).toMatch(message);
  });

  it('gives up at its deadline and says what it last heard', async () => {
    server.instead = () => ({ status: 503, body: '{"error":"no master"}' });
    const { exitCode, output } = await job.run({ SETUP_TIMEOUT_SECONDS: '1' });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/did not succeed in time: \{"error":"no master"\}/);
  });

  it.each([
    ['missing', undefined, 'the secret exporter-password is missing or empty'],
    ['empty', '', 'the secret exporter-password is missing or empty'],
    ['of several lines', 'a\nb', 'the secret exporter-password contains a control character'],
  ])('changes nothing when a secret is %s', async (_what, value, message) => {
    const { 'exporter-password': _exporter, ...others } = PASSWORDS;
    const given = value === undefined ? others : { ...others, 'exporter-password': value };
    const { exitCode, output } = await (await jobOf(ELK, given)).run();
    expect(exitCode).toBe(1);
    expect(output).toContain(message);
    expect(server.requests).toEqual([]);
  });

  it('refuses a retention that would end up as something else in a document', async () => {
    const { exitCode, output } = await job.run({ ELASTICSEARCH_RETENTION: '1d"}' });
    expect(exitCode).toBe(1);
    expect(output).toContain('ELASTICSEARCH_RETENTION is no duration');
    expect(server.requests).toEqual([]);
  });
});
