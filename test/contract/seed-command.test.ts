import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDatabase, type TestDatabase } from '../../services/dev-gateway/test/database.ts';
import { type EchoServer, startEchoServer } from '../../services/dev-gateway/test/echo-server.ts';
import { addressOf, startTestGateway } from '../../services/dev-gateway/test/gateway.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { localFiles } from '../../src/adapters/files.ts';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import type { HttpRequest } from '../../src/core/ports/http.ts';
import { type CommandResult, runCommand } from '../fakes/command-line.ts';
import { declaring } from '../fakes/seed-run.ts';

/** The commands of `seed`, as they are typed, against the development gateway. */

let database: TestDatabase;
let gateway: Awaited<ReturnType<typeof startTestGateway>>;
let http: HttpAdapter;
let echo: EchoServer;
let root: string;
let sent: HttpRequest[];

beforeAll(async () => {
  database = await startDatabase();
  http = createHttp();
  echo = await startEchoServer('one');
});

afterAll(async () => {
  await echo.close();
  await http.close();
  await database.stop();
});

beforeEach(async () => {
  gateway = await startTestGateway(database.database);
  root = await mkdtemp(join(tmpdir(), 'apictl-seed-'));
  sent = [];
  await declare(base());
});

afterEach(async () => {
  await gateway.stop();
  await rm(root, { recursive: true });
});

const declare = async (text: string, path = 'kong/kong.yaml'): Promise<void> => {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
};

const base = (host = 'h.test') =>
  declaring(`
services:
  - name: s
    host: ${host}
    routes:
      - name: r
        paths: [/r]
        plugins: [{ name: rate-limiting, config: { minute: 5 } }]
consumers:
  - { username: c, keyauth_credentials: [{ key: '\${{ env "KEY" }}' }] }
`);

async function apictl(...words: string[]): Promise<CommandResult> {
  const world = {
    http: {
      request: (request: HttpRequest) => {
        sent.push(request);
        return http.request(request);
      },
    },
    clock: systemClock,
    files: localFiles,
    packageRoot: root,
    workingFolder: root,
    environment: { KEY: 'k3y-of-the-consumer' },
  };
  return runCommand(world, ...words, '--admin-url', addressOf(gateway.admin));
}

const json = async (...words: string[]) => JSON.parse((await apictl(...words, '--json')).stdout);
const writes = () => sent.filter(({ method, url }) => method !== 'GET' && !url.includes('/schemas/'));

describe('seed', () => {
  it('applies, as "seed" and as "seed apply", and sends no write the second time', async () => {
    expect(await json('seed')).toMatchObject({ created: 5, updated: 0, deleted: 0, unchanged: 0, writes: 5 });
    expect(writes()).toHaveLength(5);
    sent = [];
    expect(await json('seed', 'apply')).toMatchObject({ unchanged: 5, writes: 0, changes: [] });
    expect(writes()).toEqual([]);
  });

  it('keeps Kong’s schemas in the project, so that the second run asks for none and reads in two rounds', async () => {
    await apictl('seed');
    expect(sent.some(({ url }) => /\/schemas\/services$/.test(url))).toBe(true);
    sent = [];
    await apictl('seed');
    expect(sent.filter(({ url }) => url.includes('/schemas/'))).toEqual([]);
    expect(new URL(sent[0]?.url ?? '').pathname).toBe('/');
  });

  it('says what it would do with --dry-run and writes nothing', async () => {
    const { stdout } = await apictl('seed', '--dry-run');
    expect(stdout).toContain('5 to create, 0 to update, 0 to delete, 0 unchanged');
    expect(writes()).toEqual([]);
  });

  it('takes --no-prune and --prune before and after the name of a command', async () => {
    await apictl('seed');
    await declare(declaring('services: [{ name: s, host: h.test }]'));
    expect(await json('seed', 'diff', '--no-prune')).toMatchObject({
      deleted: 0,
      kept: expect.arrayContaining([{ kind: 'route', name: 'r' }]),
    });
    expect(await json('seed', '--no-prune', 'diff')).toMatchObject({ deleted: 0 });
    expect(await json('seed', 'diff', '--prune')).toMatchObject({ deleted: 4 });
  });

  it('refuses mass deletion until it is allowed', async () => {
    await apictl('seed');
    await declare(declaring('services: [{ name: s, host: h.test }]'));
    const refused = await apictl('seed');
    expect(refused).toMatchObject({ exitCode: 64, error: { code: 'SEED_MASS_DELETE' } });
    expect(await json('seed', '--allow-mass-delete', '--max-deletes', '1')).toMatchObject({ deleted: 4 });
  });

  it('reads several files and folders as one declaration', async () => {
    await declare(declaring('services: [{ name: one, host: h.test }]'), 'state/one.yaml');
    await declare(declaring('services: [{ name: two, host: h.test }]'), 'state/below/two.yml');
    await declare(
      '{ "_format_version": "3.0", "services": [{ "name": "three", "host": "h.test" }] }',
      'state/3.json',
    );
    await declare('not a declaration', 'state/README.md');
    await declare(declaring('services: [{ name: four, host: h.test }]'), 'four.yaml');
    const { changes } = await json('seed', '--file', 'state', '--file', 'four.yaml');
    expect(changes.map(({ name }: { name: string }) => name).sort()).toEqual(['four', 'one', 'three', 'two']);
  });

  it.each([
    ['a file that is not there', ['--file', 'nope.yaml'], 'SEED_FILE_MISSING'],
    ['a folder without declarations', ['--file', 'kong/..', '--file', 'empty'], 'SEED_FILE_MISSING'],
    ['a URL that is none', ['--header', 'no-colon'], 'OPTION_INVALID'],
    ['an authority that is not there', ['--ca', '/nope.pem'], 'OPTION_INVALID'],
    ['a proxy that is not named', ['--verify'], 'OPTION_INVALID'],
  ])('%s is an error before anything is sent', async (_name, words, code) => {
    await mkdir(join(root, 'empty'));
    expect(await apictl('seed', ...words)).toMatchObject({ exitCode: 64, error: { code } });
    expect(sent).toEqual([]);
  });

  it('sends the headers that are given, and does not repeat what is in them', async () => {
    await apictl('seed', 'diff', '--header', 'Kong-Admin-Token: t0ken', '--header', 'x-more:1');
    expect(
      sent.every(({ headers }) => headers?.['Kong-Admin-Token'] === 't0ken' && headers['x-more'] === '1'),
    ).toBe(true);
    const wrong = await apictl('seed', '--header', 't0ken without a colon');
    expect(wrong.error?.hint).toBe('As --header "Kong-Admin-Token:VALUE".');
    expect(JSON.stringify(wrong.error)).not.toContain('t0ken');
  });

  it('with --verify sends requests to every route, and exits with 4 where one is not served', async () => {
    await declare(
      declaring(`
services:
  - { name: good, host: 127.0.0.1, port: ${echo.port}, routes: [{ name: good, paths: [/good] }] }
  - { name: bad, host: 127.0.0.1, port: 9, connect_timeout: 100, retries: 0, routes: [{ name: bad, paths: [/bad], protocols: [http] }] }
`),
    );
    const address = addressOf(gateway.proxy.listeners);
    const { exitCode, stdout } = await apictl('seed', '--verify', '--proxy-url', address, '--timeout', '4');
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/ok +http +good: served/);
    expect(stdout).toMatch(/failed +http +bad: Kong answered 502 by itself/);
    await declare(
      declaring(
        `services: [{ name: good, host: 127.0.0.1, port: ${echo.port}, routes: [{ name: good, paths: [/good] }] }]`,
      ),
    );
    const { verified } = await json('seed', '--verify', '--proxy-url', address, '--allow-mass-delete');
    expect(verified).toMatchObject({ failures: 0, requests: expect.any(Number) });
  });
});

describe('--json', () => {
  const created = (
    kind: string,
    name: string,
    line: number,
    fields: object,
    within: readonly object[] = [],
  ) => ({
    action: 'create',
    kind,
    name,
    direction: 'only-in-file',
    fields: Object.fromEntries(Object.entries(fields).map(([field, to]) => [field, { from: null, to }])),
    within,
    declaredAt: `kong/kong.yaml:${line}`,
  });
  const service = { kind: 'service', name: 's' };
  const route = { kind: 'route', name: 'r' };
  const fresh = [
    created('consumer', 'c', 11, { username: 'c' }),
    created('service', 's', 4, { name: 's', host: 'h.test' }),
    created('key-auth', 'c #1', 11, { key: expect.stringMatching(/^\[secret\] #[0-9a-f]{8}$/) }, [
      { kind: 'consumer', name: 'c' },
    ]),
    created('route', 'r', 7, { name: 'r', paths: ['/r'] }, [service]),
    created('plugin', 'rate-limiting on route r', 9, { name: 'rate-limiting', config: { minute: 5 } }, [
      service,
      route,
    ]),
  ];
  const counts = { created: 5, updated: 0, deleted: 0, unchanged: 0 };

  it('of diff, of apply and of a dry run is this document', async () => {
    const preview = { ...counts, writes: 0, changes: fresh, kept: [] };
    expect(await json('seed', 'diff')).toEqual(preview);
    expect(await json('seed', 'apply', '--dry-run')).toEqual(preview);
    expect(await json('seed', 'apply')).toEqual({ ...counts, writes: 5, changes: fresh, kept: [] });
    const nothing = { created: 0, updated: 0, deleted: 0, unchanged: 5, writes: 0, changes: [], kept: [] };
    expect(await json('seed', 'diff')).toEqual(nothing);
    expect(await json('seed', 'apply')).toEqual(nothing);
    expect(await json('seed', 'validate')).toEqual({ entities: 5 });
  });

  it('of what is changed, deleted and kept is this document', async () => {
    await apictl('seed');
    await declare(
      declaring('services: [{ name: s, host: other.test, routes: [{ name: r, paths: [/r, /q] }] }]'),
    );
    const place = { declaredAt: 'kong/kong.yaml:2' };
    const changed = { action: 'update', direction: 'changed' };
    const host = { from: 'h.test', to: 'other.test' };
    const updates = [
      { ...changed, kind: 'service', name: 's', fields: { host }, within: [], ...place },
      {
        ...changed,
        kind: 'route',
        name: 'r',
        fields: { paths: { from: ['/r'], to: ['/q', '/r'] } },
        within: [service],
        ...place,
      },
    ];
    const gone = { action: 'delete', direction: 'only-in-kong', fields: {} };
    const key = expect.stringMatching(/^[0-9a-f-]{36} of c$/);
    const consumer = { kind: 'consumer', name: 'c' };
    const plugin = { kind: 'plugin', name: 'rate-limiting on route r' };
    expect(await json('seed', 'diff')).toEqual({
      created: 0,
      updated: 2,
      deleted: 3,
      unchanged: 0,
      writes: 0,
      changes: [
        ...updates,
        { ...gone, ...plugin, within: [service, route] },
        { ...gone, kind: 'key-auth', name: key, within: [consumer] },
        { ...gone, ...consumer, within: [] },
      ],
      kept: [],
    });
    expect(await json('seed', 'apply', '--no-prune')).toEqual({
      created: 0,
      updated: 2,
      deleted: 0,
      unchanged: 0,
      writes: 2,
      changes: updates,
      kept: [consumer, { kind: 'key-auth', name: key }, plugin],
    });
  });

  it('of a dump is this document, and null for the text where it has secrets in clear', async () => {
    await apictl('seed');
    const { stdout } = await apictl('seed', 'dump');
    const variables = ['DECK_KEY_AUTH_C_KEY'];
    expect(await json('seed', 'dump')).toEqual({ text: stdout, variables, entities: 5, output: null });
    const output = join(root, 'out.yaml');
    const written = await json('seed', 'dump', '--output', 'out.yaml');
    expect(written).toEqual({ text: stdout, variables, entities: 5, output });
    expect(await json('seed', 'dump', '--output', 'out.yaml', '--with-secrets')).toEqual({
      text: null,
      variables: [],
      entities: 5,
      output,
    });
  });

  it('of --verify has a verdict for each route and door', async () => {
    await declare(
      declaring(
        `services: [{ name: s, host: 127.0.0.1, port: ${echo.port}, routes: [{ name: r, paths: [/r] }, { name: x, paths: ["~/x"] }] }]`,
      ),
    );
    const proxy = ['--proxy-url', addressOf(gateway.proxy.listeners)];
    expect((await json('seed', '--verify', ...proxy)).verified).toEqual({
      requests: 1,
      failures: 0,
      routes: [
        { route: 'r', door: 'http', ok: true, found: 'served' },
        { route: 'x', door: null, ok: null, found: 'its paths are regular expressions' },
      ],
    });
  });
});

describe('seed diff', () => {
  it('shows a tree with the direction of each difference, masks secrets, and exits with 2 when asked', async () => {
    await apictl('seed');
    await declare(
      `${base('other.test').replace('minute: 5', 'minute: 7').replace('username: c,', 'username: d,')}plugins: [{ name: cors }]\n`,
    );
    const { stdout, exitCode } = await apictl('seed', 'diff', '--exit-code');
    expect(exitCode).toBe(2);
    expect(
      stdout
        .replace(/#[0-9a-f]{8}/, '#hash')
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID')
        .trim(),
    ).toBe(
      `
+ consumer d  only in the file, kong/kong.yaml:11
    username: "d"
  + key-auth d #1  only in the file, kong/kong.yaml:11
      key: "[secret] #hash"
~ service s  differs, kong/kong.yaml:4
    host: Kong "h.test" -> file "other.test"
    route r
    ~ plugin rate-limiting  differs, kong/kong.yaml:9
        config.minute: Kong 5 -> file 7
+ plugin cors  only in the file, kong/kong.yaml:12
    name: "cors"
    config: {}
- consumer c  only in Kong
  - key-auth ID  only in Kong
3 to create, 2 to update, 2 to delete, 1 unchanged`.trim(),
    );
    expect(writes()).toHaveLength(5);
  });

  it('without a difference says so and exits with 0', async () => {
    await apictl('seed');
    const { stdout, exitCode } = await apictl('seed', 'diff', '--exit-code');
    expect([stdout, exitCode]).toEqual(['Kong is as declared: 5 entities\n', 0]);
  });
});

describe('seed validate', () => {
  it('asks Kong about every entity and writes nothing', async () => {
    expect(await json('seed', 'validate')).toEqual({ entities: 5 });
    expect(writes()).toEqual([]);
    await declare(base('not//a host'));
    const { error } = await apictl('seed', 'validate');
    expect(error).toMatchObject({ code: 'SEED_INVALID', exitCode: 64 });
    expect(error?.details[0]).toMatch(/^kong\/kong\.yaml:4: service s: host: /);
  });
});

describe('seed dump', () => {
  it('prints what is ours, and with --all everything; what it prints is read again as no change', async () => {
    await apictl('seed');
    await http.request({
      method: 'PUT',
      url: `${addressOf(gateway.admin)}/services/theirs`,
      headers: { 'content-type': 'application/json' },
      body: '{"host":"theirs.test"}',
    });
    const { stdout } = await apictl('seed', 'dump');
    expect(stdout).not.toContain('theirs');
    expect(stdout).not.toContain('k3y-of-the-consumer');
    const all = await json('seed', 'dump', '--all');
    expect(all).toMatchObject({ entities: 6, variables: ['DECK_KEY_AUTH_C_KEY'], output: null });
    expect(all.text).toContain('theirs');
    await declare(stdout.replace('DECK_KEY_AUTH_C_KEY', 'KEY'));
    expect(await json('seed', 'diff')).toMatchObject({ changes: [], unchanged: 5 });
  });

  it('writes a file; with secrets in clear only where its owner alone reads it', async () => {
    await apictl('seed');
    expect((await apictl('seed', 'dump', '--output', 'out.yaml')).stdout).toMatch(
      /^5 entities in .*out\.yaml\n$/,
    );
    expect(await readFile(join(root, 'out.yaml'), 'utf8')).toContain('env "DECK_KEY_AUTH_C_KEY"');
    expect(await apictl('seed', 'dump', '--with-secrets')).toMatchObject({ exitCode: 64 });
    const { stdout } = await apictl('seed', 'dump', '--with-secrets', '--output', 'secret.yaml', '--json');
    expect(stdout).not.toContain('k3y-of-the-consumer');
    expect(await readFile(join(root, 'secret.yaml'), 'utf8')).toContain('k3y-of-the-consumer');
    expect((await stat(join(root, 'secret.yaml'))).mode & 0o777).toBe(0o600);
  });
});
