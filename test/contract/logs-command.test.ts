import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import type { HttpRequest } from '../../src/core/ports/http.ts';
import { logDocumentSchema } from '../../src/logs/document.ts';
import { runCommand } from '../fakes/command-line.ts';
import { at, LogEngine } from '../fakes/log-engine.ts';
import { memoryFiles } from '../fakes/memory-files.ts';

let engine: LogEngine;
let asked: HttpRequest[];
let answers: { status: number; body: string }[];

beforeEach(() => {
  engine = new LogEngine();
  asked = [];
  answers = [];
});

const logs = (...words: readonly string[]) =>
  runCommand(
    {
      engine: engine as never,
      clock: systemClock,
      files: memoryFiles({
        '/p/secrets/values/logging-admin-token': 'the-token',
        '/p/.apictl/compose.yaml': 'services: { kong: {}, kibana: {} }',
        '/p/.apictl/services.json': '[{"service":"grafana","kind":"left out","why":"Debian has no Grafana"}]',
      }),
      http: {
        request: async (request) => {
          asked.push(request);
          const answer = answers.shift();
          if (answer === undefined) throw new Error('the connection was refused');
          return { ...answer, headers: {}, durationMs: 1 };
        },
      },
      workingFolder: '/p',
    },
    ...words,
  );

function twoServices(): void {
  engine.add('k', 'kong');
  engine.add('b', 'backend-1', 'exited');
  engine.write('k', at(1), '{"level":"error","message":"no target","request_id":"r-1"}', 'stderr');
  engine.write('b', at(0), '{"level":"info","message":"GET / 200","request_id":"r-1"}');
}

const page = (events: readonly object[], next: string | null = null) => ({
  status: 200,
  body: JSON.stringify({ events, next_cursor: next }),
});

const access = {
  timestamp: '2026-01-01T00:00:00.500000Z',
  source: 'kong',
  kind: 'access',
  severity_text: 'INFO',
  attributes: {
    latencies: { request: 12 },
    request: { method: 'GET', uri: '/api', headers: { 'x-request-id': 'r-1' } },
    response: { status: 200 },
  },
};

describe('apictl logs', () => {
  it('shows the lines of running and of ended containers by time, with their streams', async () => {
    twoServices();
    const { exitCode, stdout } = await logs('logs');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      `${at(0)} backend-1 | {"level":"info","message":"GET / 200","request_id":"r-1"}\n` +
        `${at(1)} kong      ! {"level":"error","message":"no target","request_id":"r-1"}\n`,
    );
  });

  it.each([[], ['--store', 'kong']])(
    'refuses an end before the beginning, names both times, and asks nobody: %j',
    async (...words) => {
      twoServices();
      const times = ['--since', '2026-02-02T00:00:00Z', '--until', '2026-02-01T12:30:00Z'];
      const { exitCode, stdout, error } = await logs('logs', ...words, ...times);
      expect([exitCode, stdout, asked]).toEqual([64, '', []]);
      expect(error).toMatchObject({
        code: 'OPTION_INVALID',
        message:
          '--since 2026-02-02T00:00:00.000Z is later than --until 2026-02-01T12:30:00.000Z, so no line can lie between them',
        hint: expect.stringContaining('--since 2h --until 1h'),
      });
    },
  );

  it('takes an end at the moment of the beginning', async () => {
    twoServices();
    expect((await logs('logs', '--since', at(0), '--until', at(0))).exitCode).toBe(0);
  });

  it('with --json gives a document a line, of the documented shape', async () => {
    twoServices();
    const { stdout } = await logs('--json', 'logs', '--level', 'error');
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => logDocumentSchema.parse(JSON.parse(line)));
    expect(documents).toEqual([
      expect.objectContaining({ service: 'kong', stream: 'stderr', level: 'error', message: 'no target' }),
    ]);
  });

  it('by request id adds the gateway’s record, which only the logging service has', async () => {
    twoServices();
    answers.push(page([access]));
    const { stdout } = await logs('--json', 'logs', '--request-id', 'r-1');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).message),
    ).toEqual(['GET / 200', 'GET /api 200', 'no target']);
    expect(asked[0]?.url).toContain('request_id=r-1&kind=access');
  });

  it('by request id goes on without a logging service, and says what is left out', async () => {
    twoServices();
    const { exitCode, stdout, events } = await logs('logs', '--request-id', 'r-1');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(events).toEqual([
      { type: 'warning', text: 'without the gateway’s records: the logging service does not answer' },
    ]);
  });

  it.each([
    [
      ['logs', 'bakend-1'],
      64,
      'SERVICE_UNKNOWN',
      'Did you mean backend-1? There are: backend-1, kibana, kong.',
    ],
    [['logs', 'kibana'], 4, 'NOTHING_TO_READ', 'Run "apictl up".'],
    [['logs', '--grep', '('], 64, 'OPTION_INVALID', 'RE2'],
    [['logs', '--since', 'soon'], 64, 'OPTION_INVALID', '10m or 2h30m'],
  ])('%s ends with %i, %s', async (words, exitCode, code, hint) => {
    twoServices();
    const result = await logs(...words);
    expect(result.exitCode).toBe(exitCode);
    expect(result.error?.code).toBe(code);
    expect(result.error?.hint ?? '').toContain(hint);
  });

  it('refuses a number of lines that is none', async () => {
    twoServices();
    const { exitCode, stderr } = await logs('logs', '--tail', 'few');
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('--tail')]);
  });

  it('names why a service is left out', async () => {
    twoServices();
    expect((await logs('logs', 'grafana')).error?.message).toBe('grafana is left out: Debian has no Grafana');
  });

  it('says so when the stack is down', async () => {
    const { exitCode, error } = await logs('logs');
    expect([exitCode, error?.message]).toEqual([
      4,
      'there is no container of project apictl, so there is no log to read',
    ]);
  });

  it('says that a container was never started', async () => {
    engine.add('k', 'kong', 'created');
    const { exitCode, stdout, events } = await logs('logs', 'kong');
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(events).toEqual([
      { type: 'note', text: 'apictl-kong-1 was created and never started; it has no log.' },
    ]);
  });
});

describe('apictl logs --store', () => {
  it('asks page by page, with the token, and lets the service filter what it can', async () => {
    const log = {
      timestamp: '2026-01-01T00:00:01.000000Z',
      source: 'backend-1',
      kind: 'log',
      severity_text: 'ERROR',
      body: 'no',
      request_id: 'r-1',
      attributes: { level: 'error', message: 'no', request_id: 'r-1' },
    };
    answers.push(page([access], 'here'), page([log]));
    const { exitCode, stdout } = await logs(
      '--json',
      'logs',
      '--store',
      '--request-id',
      'r-1',
      '--since',
      at(0),
    );
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { time: at(0, 500_000_000), service: 'kong', message: 'GET /api 200', level: 'info' },
      { time: at(1), service: 'backend-1', message: 'no', level: 'error', requestId: 'r-1' },
    ]);
    expect(asked.map(({ url }) => new URL(url).searchParams.get('cursor'))).toEqual([null, 'here']);
    expect(asked[0]?.headers).toEqual({ authorization: 'Bearer the-token' });
  });

  it('takes the last lines of the wanted services', async () => {
    answers.push(page([access, { ...access, source: 'backend-1' }, access]));
    const { stdout } = await logs('logs', '--store', 'backend-1', '--tail', '1');
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).toContain('backend-1');
  });

  it.each([
    [
      { status: 401, body: 'the admin token is wrong' },
      'the logging service answered 401: the admin token is wrong',
    ],
    [{ status: 200, body: '<html>' }, 'the logging service gave an answer that is not a list of events'],
  ])('fails when the service does not answer the question', async (answer, message) => {
    answers.push(answer);
    const { exitCode, error } = await logs('logs', '--store');
    expect([exitCode, error?.code, error?.message]).toEqual([4, 'LOGGING_UNAVAILABLE', message]);
  });
});
