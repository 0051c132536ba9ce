import { generateKeyPairSync } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localArchiveFiles } from '../../../../../src/adapters/archive-files.ts';
import { localFiles } from '../../../../../src/adapters/files.ts';
import { peculiarX509 } from '../../../../../src/adapters/x509.ts';
import { writeBundle } from '../../../../../src/app/doctor/bundle/bundle.ts';
import { loadProject } from '../../../../../src/app/project/project.ts';
import type { World } from '../../../../../src/app/world.ts';
import { RESULT_SHAPES } from '../../../../../src/cli/result-shapes.ts';
import { ApictlError, EXIT } from '../../../../../src/core/errors.ts';
import type { Engine, LogLine } from '../../../../../src/core/ports/engine.ts';
import { runCommand } from '../../../../fakes/command-line.ts';
import { details, summary } from '../../../../fakes/containers.ts';
import { engineFacts } from '../../../../fakes/engine-facts.ts';
import { fakeClock } from '../../../../fakes/fake-clock.ts';
import { collected } from '../../../../support/backup-archive.ts';

let root: string;
let interrupting: AbortController;
/** What a container writes. */
let logLines: string[];
let engine: Partial<Engine>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'apictl-bundle-'));
  interrupting = new AbortController();
  logLines = ['all is well'];
  engine = {
    facts: async () => engineFacts(),
    containers: async () => [summary({ service: 'kong' })],
    inspect: async () => details({ healthLog: [{ exitCode: 1, output: 'not yet', endMs: 0 }] }),
    usage: async () => null,
    exec: async () => ({ exitCode: 1, output: '' }),
    volumes: async () => [],
    image: async () => null,
    images: async () => [],
    publisher: async () => null,
    tail: async (_, lines): Promise<LogLine[]> =>
      logLines.slice(-lines).map((text) => ({
        service: 'kong',
        container: 'apictl-kong-1',
        stream: 'stderr',
        timestamp: '2026-01-01T00:00:00.000000000Z',
        text,
      })),
  };
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

const world = (): World =>
  ({
    engine,
    files: localFiles,
    archiveFiles: localArchiveFiles,
    compose: { version: async () => '2.26.1' },
    http: { request: () => Promise.reject(new Error('connection refused')) },
    sockets: {},
    handshakes: {},
    x509: peculiarX509,
    clock: fakeClock(),
    random: { bytes: (count: number) => new Uint8Array(count).fill(7) },
    environment: {},
    packageRoot: process.cwd(),
    workingFolder: root,
    emit: () => {},
    signal: interrupting.signal,
  }) as unknown as World;

const run = (...words: readonly string[]) => runCommand(world(), 'doctor', '--bundle', ...words);

async function unpacked(name = 'help.tar.gz'): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const entry of createReadStream(join(root, name)).pipe(createGunzip()).pipe(extract())) {
    const content = await collected(entry as AsyncIterable<Uint8Array>);
    found.set(entry.header.name, content.toString('utf8'));
  }
  return found;
}

/** A value as programs write it, said here on its own. */
const writtenAs = (value: string): string[] => [
  value,
  Buffer.from(value).toString('base64'),
  Buffer.from(value).toString('base64url'),
  Buffer.from(value).toString('hex'),
  Buffer.from(value).toString('hex').toUpperCase(),
  encodeURIComponent(value),
  new URLSearchParams({ q: value }).toString(),
  JSON.stringify(value),
  JSON.stringify(JSON.stringify({ message: value })),
  `Basic ${Buffer.from(`kong:${value}`).toString('base64')}`,
  `x${Buffer.from(`user7:${value}:and more`).toString('base64')}`,
];

describe('apictl doctor --bundle', () => {
  it('packs what a colleague needs, and tells what it is and that it may be read first', async () => {
    write('.apictl/compose.yaml', 'services: {}\n');
    write('.apictl/timings', '{ "kong": 1200 }\n');
    write('apictl.yaml', 'backends: { replicas: 2 }\n');
    const { stdout, exitCode } = await run('help.tar.gz');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`written ${join(root, 'help.tar.gz')} (`);
    expect(stdout).toContain('Read it before you send it');
    const files = await unpacked();
    expect([...files.keys()].map((name) => name.replace('apictl-support/', ''))).toEqual([
      'versions.json',
      'configuration.json',
      'compose.yaml',
      'doctor.json',
      'status.json',
      'timings.json',
      'files.txt',
      'containers.json',
      'logs/apictl-kong-1.log',
      'manifest.json',
    ]);
    const document = (name: string) => JSON.parse(files.get(`apictl-support/${name}`) ?? '') as unknown;
    expect(document('versions.json')).toMatchObject({
      apictl: expect.stringMatching(/^\d/),
      node: process.version,
      engine: { version: '20.10.24' },
      compose: '2.26.1',
    });
    expect(document('configuration.json')).toMatchObject({ configuration: { backends: { replicas: 2 } } });
    expect(document('containers.json')).toMatchObject([
      { service: 'kong', healthLog: [{ output: 'not yet' }] },
    ]);
    expect(document('status.json')).toMatchObject({ project: 'apictl' });
    expect(files.get('apictl-support/logs/apictl-kong-1.log')).toBe(
      '2026-01-01T00:00:00.000000000Z stderr all is well\n',
    );
    expect(files.get('apictl-support/files.txt')).toContain(' .apictl/compose.yaml\n');
    expect(document('manifest.json')).toMatchObject({ format: 1, missing: [] });
  });

  it('leaves out the end of a health check’s answer that the engine has cut, where half a secret may stand', async () => {
    write('secrets/values/digest-key', 'a-secret-that-is-cut-off');
    const output = `${'x '.repeat(2040)}a-secret-that-is`;
    engine.inspect = async () => details({ healthLog: [{ exitCode: 1, output, endMs: 0 }] });
    await run('help.tar.gz');
    const text = (await unpacked()).get('apictl-support/containers.json') ?? '';
    expect(text).toContain('x x x');
    expect(text).not.toContain('a-secret');
  });

  it('takes the last 500 lines of a log', async () => {
    logLines = Array.from({ length: 600 }, (_, index) => `line ${index}`);
    await run('help.tar.gz');
    const log = (await unpacked()).get('apictl-support/logs/apictl-kong-1.log') ?? '';
    expect(log.match(/\n/g)).toHaveLength(500);
    expect(log).toContain('stderr line 100\n');
  });

  it('holds no secret, wherever one was planted and however it was written', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const foreignPem = foreign.export({ type: 'pkcs8', format: 'pem' }).toString();
    const values = {
      'postgres-password': 'Vb7-kQz_93xWmN0pLrT5',
      'digest-key': 'hello+world/=~plus&minus',
      'elastic-password.next': 'pending-Qw8eRt2yUi',
      'alert-slack-url': 'https://hooks.example/T0/"B<1>\'\\é y+z%2F',
      'alert-short': 'k9#x',
      'alert-lines': 'first line of it 11\nsecond line of it 22',
    };
    for (const [name, value] of Object.entries(values)) write(`secrets/values/${name}`, `${value}\n`);
    write('secrets/certs/proxy/tls.key', pem);
    const elsewhere = {
      environment: 'env-value-5f1c9b27',
      dotenv: 'dotenv-value-8a44e1',
      variable: 'shell-value-77d0c3',
      webhook: 'https://chat.example/hooks/9x8y7z6w5v',
    };
    write('.env', `MY_DATABASE=${elsewhere.dotenv}\n`);
    write(
      'apictl.yaml',
      JSON.stringify({
        backends: { environment: { PAYMENT_API_KEY: elsewhere.environment, MODE: 'quiet' } },
        alerting: {
          receivers: [
            { name: 'chat', webhook: { url: elsewhere.webhook } },
            { name: 'slack', slack: { urlSecret: 'alert-slack-url' } },
          ],
        },
      }),
    );
    const canaries = [...Object.values(values), ...Object.values(elsewhere)];
    const planted = canaries.flatMap(writtenAs);
    const inHeaders = [
      'Zx81-bearer',
      'session=Zx82-cookie',
      'Zx83-key',
      'Zx84-basic',
      'Zx85-nested',
      'Zx86-pass',
    ];
    const headers = [
      `GET / Authorization: Bearer ${inHeaders[0]}`,
      `Cookie: theme=dark; ${inHeaders[1]}`,
      `curl -H "apikey: ${inHeaders[2]}" http://127.0.0.1`,
      JSON.stringify({ headers: { authorization: `Basic a"${inHeaders[3]}` }, status: 200 }),
      JSON.stringify({ text: JSON.stringify({ 'set-cookie': [`a=${inHeaders[4]}`], apikey: inHeaders[4] }) }),
      `postgres://kong:${inHeaders[5]}@postgres/kong`,
    ];
    logLines = [
      ...planted,
      ...headers,
      ...(Object.values(values)['5']?.split('\n') ?? []),
      ...pem.split('\n'),
      ...foreignPem.split('\n'),
      JSON.stringify({ key: foreignPem }),
      `cut off ${foreignPem.slice(100)}`,
      'the last line',
    ];
    write('.apictl/compose.yaml', planted.map((text) => `# ${text}\n`).join(''));
    write('.apictl/timings', JSON.stringify({ [values['postgres-password']]: 1 }));
    const said = planted.join(' ');
    engine.inspect = async () =>
      details({
        error: said,
        health: 'unhealthy',
        healthTest: planted,
        healthLog: [{ exitCode: 1, output: said, endMs: 0 }],
      });
    engine.containers = async () => [summary({ service: 'kong', statusText: said })];
    engine.publisher = () => Promise.reject(new Error(said));
    const given = { ...world(), environment: { DEPLOY_TOKEN: elsewhere.variable } };
    const { exitCode, stdout } = await runCommand(given, 'doctor', '--bundle', 'help.tar.gz', '--json');
    expect(exitCode).toBe(0);

    const files = await unpacked();
    expect(files.get('apictl-support/logs/apictl-kong-1.log')).toContain('the last line');
    expect(files.has('apictl-support/status.json')).toBe(true);
    const all = [stdout, ...[...files].map(([name, text]) => `${name}\n${text}`)].join('\n');
    const keyLines = [pem, foreignPem].flatMap((text) =>
      text.split('\n').filter((line) => line.length > 10 && !line.startsWith('-')),
    );
    const lines = values['alert-lines'].split('\n');
    for (const needle of [...planted, ...inHeaders, ...keyLines, ...lines]) {
      expect(all.includes(needle), `found ${needle}`).toBe(false);
    }
    // Nor in what can be decoded.
    for (const [run64] of all.matchAll(/[\w+/-]{12,}={0,2}/g)) {
      const decoded = Buffer.from(run64, 'base64').toString('utf8');
      for (const canary of canaries) expect(decoded.includes(canary), `decoded ${run64}`).toBe(false);
    }
    // Still of use: what is no secret stays, and the documents can be read.
    const text = files.get('apictl-support/configuration.json') ?? '';
    expect(JSON.parse(text)).toMatchObject({
      configuration: {
        backends: { environment: { PAYMENT_API_KEY: '[secret]', MODE: 'quiet' } },
        alerting: { receivers: [{}, { slack: { urlSecret: 'alert-slack-url' } }] },
      },
    });
    for (const [name, content] of files) if (name.endsWith('.json')) JSON.parse(content);
    expect(files.get('apictl-support/files.txt')).toContain('secrets/values/alert-short');
  });

  it('masks what the user’s own patterns find', async () => {
    write('apictl.yaml', 'logging: { maskPatterns: ["customer-[0-9]+"] }\n');
    logLines = ['order of customer-4711'];
    await run('help.tar.gz');
    const log = (await unpacked()).get('apictl-support/logs/apictl-kong-1.log');
    expect(log).toContain('order of [secret]\n');
  });

  it('is made without an engine, and says in its manifest what is missing', async () => {
    const away = () =>
      Promise.reject(
        new ApictlError({
          code: 'ENGINE_UNREACHABLE',
          exitCode: EXIT.engine,
          message: 'no Docker Engine answers',
        }),
      );
    engine = { facts: away, containers: away };
    const { stdout, exitCode } = await run('help.tar.gz', '--json');
    expect(exitCode).toBe(0);
    const result = JSON.parse(stdout) as { missing: unknown[]; findings: number };
    expect(RESULT_SHAPES.doctor?.parse(result)).toEqual(result);
    const why = 'no Docker Engine answers';
    expect(result.missing).toEqual([
      { what: 'the rendered Compose file', why: expect.stringContaining('"apictl up" writes it') },
      { what: 'status', why },
      { what: 'how long services took to start', why: expect.any(String) },
      { what: 'containers and their logs', why },
    ]);
    const manifest = JSON.parse((await unpacked()).get('apictl-support/manifest.json') ?? '') as object;
    expect(manifest).toMatchObject({ missing: result.missing });
    expect(result.findings).toBeGreaterThan(0);
  });

  it('leaves out what one container does not give, and keeps the rest', async () => {
    engine.tail = () => Promise.reject(new Error('its logging driver cannot be read'));
    const { stdout } = await run('help.tar.gz');
    expect(stdout).toContain('without the log of apictl-kong-1: its logging driver cannot be read');
  });

  it('is for its owner alone, and never takes the place of another file', async () => {
    const old = process.umask(0);
    try {
      await run('help.tar.gz');
    } finally {
      process.umask(old);
    }
    expect(statSync(join(root, 'help.tar.gz')).mode & 0o777).toBe(0o600);
    const before = statSync(join(root, 'help.tar.gz'));
    expect((await run('help.tar.gz')).error).toMatchObject({ code: 'BUNDLE_EXISTS', exitCode: 64 });
    expect(statSync(join(root, 'help.tar.gz')).mtimeMs).toBe(before.mtimeMs);
    expect(readdirSync(root)).toEqual(['help.tar.gz']);
  });

  it('makes no folder by the way', async () => {
    expect((await run('reports/today/help.tar.gz')).error).toMatchObject({
      code: 'BUNDLE_FOLDER_MISSING',
      exitCode: 64,
      message: `there is no folder ${join(root, 'reports/today')}`,
    });
    expect(readdirSync(root)).toEqual([]);
  });

  it('has another name until it is whole, and is gone when it is interrupted, also by an engine that hangs', async () => {
    const seen: string[][] = [];
    engine.tail = () => {
      seen.push(readdirSync(root));
      interrupting.abort('SIGINT');
      return new Promise(() => {});
    };
    const project = await loadProject(world(), {});
    await expect(writeBundle(world(), project, 'help.tar.gz')).rejects.toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
    });
    expect(seen).toEqual([['.help.tar.gz.07070707.unfinished']]);
    expect(readdirSync(root)).toEqual([]);
  });
});
