import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/**
 * The setup job of Elasticsearch, run as it is against a server that records what it is asked. It needs bash and curl, which
 * the image of the job has.
 */

const SCRIPT = new URL('../../elk/elasticsearch/setup.sh', import.meta.url).pathname;
const hasTools = ['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).status === 0);

const PASSWORDS: Readonly<Record<string, string>> = {
  'elastic-password': 'el"as\\tic $HOME `x`',
  'kibana-system-password': `k'ib"ana\\`,
  'logstash-writer-password': 'plain-logstash',
  'logging-writer-password': 'plain-logging',
  'exporter-password': 'ex: #port@er',
};

interface Request {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly body: unknown;
}

let folder: string;
let server: Server;
let requests: Request[];
/** What the server answers to the n-th request; 200 where it says nothing. */
let answer: (index: number) => { readonly status: number; readonly body?: string };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-setup-'));
  requests = [];
  answer = () => ({ status: 200 });
  for (const path of ['secrets', 'volumes/elasticsearch-snapshots', 'volumes/logstash-data', 'bin']) {
    await mkdir(join(folder, path), { recursive: true });
  }
  for (const [name, value] of Object.entries(PASSWORDS))
    await writeFile(join(folder, 'secrets', name), value);
  // Only root may give files away, and curl's arguments are what every process list shows.
  await tool('chown', 'echo "$@" >> "$TOOL_LOG/chown"');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  await tool('curl', 'printf "%s\\n" "$@" >> "$TOOL_LOG/curl"; PATH=${PATH#*:} exec curl "$@"');
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body = '{}' } = answer(requests.length);
      const credentials = request.headers.authorization?.replace('Basic ', '') ?? '';
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        user: Buffer.from(credentials, 'base64').toString('utf8'),
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      });
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function tool(name: string, script: string): Promise<void> {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/bash\n${script}\n`);
  await chmod(path, 0o755);
}

/** Runs the job to its end; its exit code and both streams. */
function runSetup(environment: Readonly<Record<string, string>> = {}) {
  return new Promise<{ exitCode: number; output: string }>((resolve) => {
    const { port } = server.address() as AddressInfo;
    const env = {
      PATH: `${folder}/bin:${process.env.PATH}`,
      TOOL_LOG: folder,
      ELASTICSEARCH_URL: `http://127.0.0.1:${port}`,
      ELASTICSEARCH_RETENTION: '14d',
      SECRETS_DIR: join(folder, 'secrets'),
      VOLUMES_DIR: join(folder, 'volumes'),
      ...environment,
    };
    execFile('bash', [SCRIPT], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
}

const bodyOf = (path: string): unknown => requests.find((request) => request.path === path)?.body;

describe.skipIf(!hasTools)('the setup of Elasticsearch', () => {
  it('gives each user its password byte for byte and its own role only', async () => {
    expect(await runSetup()).toMatchObject({ exitCode: 0 });
    expect(bodyOf('/_security/user/kibana_system/_password')).toEqual({
      password: PASSWORDS['kibana-system-password'],
    });
    for (const [user, secret] of [
      ['logstash_writer', 'logstash-writer-password'],
      ['logging_writer', 'logging-writer-password'],
      ['exporter', 'exporter-password'],
    ] as const) {
      expect(bodyOf(`/_security/user/${user}`)).toEqual({ password: PASSWORDS[secret], roles: [user] });
    }
    expect(new Set(requests.map(({ user }) => user))).toEqual(
      new Set([`elastic:${PASSWORDS['elastic-password']}`]),
    );
  });

  it('makes roles before users, and what templates consist of before the templates', async () => {
    await runSetup();
    const paths = requests.map(({ path }) => path);
    const order = (first: string, second: string) =>
      expect(paths.indexOf(first)).toBeLessThan(paths.indexOf(second));
    order('/_security/role/logstash_writer', '/_security/user/logstash_writer');
    order('/_security/role/exporter', '/_security/user/exporter');
    order('/_ilm/policy/apictl-logs', '/_component_template/apictl-logs-settings');
    order('/_component_template/apictl-logs-settings', '/_index_template/apictl-logs-kong');
    order('/_component_template/apictl-kong-mappings', '/_index_template/apictl-logs-kong');
    expect(bodyOf('/_ilm/policy/apictl-logs')).toMatchObject({
      policy: { phases: { delete: { min_age: '14d' } } },
    });
    expect(bodyOf('/_index_template/apictl-logs-kong')).toMatchObject({ data_stream: {}, priority: 250 });
    expect(bodyOf('/_snapshot/apictl')).toMatchObject({ type: 'fs' });
  });

  it('hands the fresh volumes over', async () => {
    await runSetup();
    expect(await readFile(join(folder, 'chown'), 'utf8')).toBe(
      `1000:0 ${folder}/volumes/elasticsearch-snapshots\n1000:1000 ${folder}/volumes/logstash-data\n`,
    );
  });

  it('asks for the same when it runs again', async () => {
    await runSetup();
    const first = requests;
    requests = [];
    await runSetup();
    expect(requests).toEqual(first);
  });

  it('shows no password in arguments or output', async () => {
    const { output } = await runSetup();
    const argv = await readFile(join(folder, 'curl'), 'utf8');
    for (const password of Object.values(PASSWORDS)) {
      expect(output).not.toContain(password);
      expect(argv).not.toContain(password);
    }
    expect(argv).toContain('--config');
  });

  it('waits while Elasticsearch still elects its master', async () => {
    answer = (index) => ({ status: index < 2 ? 503 : 200 });
    expect(await runSetup()).toMatchObject({ exitCode: 0 });
    expect(requests.slice(0, 3).map(({ path }) => path)).toEqual(
      Array(3).fill('/_security/user/kibana_system/_password'),
    );
  });

  it('ends with the path, the status and the answer when it is refused', async () => {
    answer = () => ({ status: 401, body: '{"error":"unable to authenticate user [elastic]"}' });
    const { exitCode, output } = await runSetup();
    expect(exitCode).toBe(1);
    expect(output).toContain(
      'POST /_security/user/kibana_system/_password answered 401: {"error":"unable to authenticate user [elastic]"}',
    );
    expect(requests).toHaveLength(1);
  });

  it('gives up at its deadline and says what it last heard', async () => {
    answer = () => ({ status: 503, body: '{"error":"no master"}' });
    const { exitCode, output } = await runSetup({ SETUP_TIMEOUT_SECONDS: '1' });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/did not succeed in time: \{"error":"no master"\}/);
  });

  it.each([
    ['missing', undefined, 'the secret exporter-password is missing or empty'],
    ['empty', '', 'the secret exporter-password is missing or empty'],
    ['of several lines', 'a\nb', 'the secret exporter-password contains a control character'],
  ])('changes nothing when a secret is %s', async (_what, value, message) => {
    const path = join(folder, 'secrets/exporter-password');
    if (value === undefined) await rm(path);
    else await writeFile(path, value);
    const { exitCode, output } = await runSetup();
    expect(exitCode).toBe(1);
    expect(output).toContain(message);
    expect(requests).toEqual([]);
  });

  it('refuses a retention that would end up as something else in a document', async () => {
    const { exitCode, output } = await runSetup({ ELASTICSEARCH_RETENTION: '1d"}' });
    expect(exitCode).toBe(1);
    expect(output).toContain('ELASTICSEARCH_RETENTION is no duration');
    expect(requests).toEqual([]);
  });
});
