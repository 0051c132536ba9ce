import { describe, expect, it } from 'vitest';
import { alertListSchema, alertTestSchema } from '../../../src/app/alerts/model.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { FakeAlertmanager } from '../../fakes/fake-alertmanager.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const START = Date.parse('2026-11-26T12:00:00Z');

function world(http: FakeAlertmanager) {
  return {
    http,
    clock: fakeClock(START),
    random: { bytes: (count: number) => new Uint8Array(count).fill(10) },
    files: memoryFiles({
      '/installed/monitoring/prometheus/rules/gateway.yml':
        'groups:\n  - rules:\n      - alert: HighLatency\n        expr: up{job="{{ name }}"}\n',
      '/srv/apictl.yaml': 'alerting: { rules: [shop.yml] }\n',
      '/srv/shop.yml': 'groups: [{ name: shop, rules: [{ alert: "Shop Closed", expr: up }] }]\n',
    }),
    packageRoot: '/installed',
    workingFolder: '/srv',
    environment: { USER: 'kim' },
  };
}

const firing = (name: string, labels: Record<string, string> = {}) => ({
  state: 'firing',
  activeAt: '2026-11-26T11:58:00Z',
  labels: { alertname: name, severity: 'critical', ...labels },
  annotations: { summary: `${name} is so.`, runbook: `Heal ${name}.` },
});
const notified = (name: string, silencedBy: string[], inhibitedBy: string[]) => ({
  labels: { alertname: name, severity: 'critical', stack: 'apictl' },
  status: {
    state: silencedBy.length + inhibitedBy.length > 0 ? 'suppressed' : 'active',
    silencedBy,
    inhibitedBy,
  },
});

describe('apictl alerts ls', () => {
  it('tells of each alert whether its receivers are told, and what to do', async () => {
    const http = new FakeAlertmanager(['logging']);
    http.evaluated = [
      firing('GatewayDown'),
      firing('HighErrorRate'),
      firing('DiskAlmostFull'),
      { ...firing('TargetDown'), state: 'pending' },
    ];
    http.notified = [
      notified('GatewayDown', [], []),
      notified('HighErrorRate', [], ['x']),
      notified('DiskAlmostFull', ['s1'], []),
    ];
    const { stdout } = await runCommand(world(http), '--json', 'alerts', 'ls');
    const { alerts } = alertListSchema.parse(JSON.parse(stdout));
    expect(alerts.map(({ name, state }) => [name, state])).toEqual([
      ['GatewayDown', 'firing'],
      ['HighErrorRate', 'inhibited'],
      ['DiskAlmostFull', 'silenced'],
      ['TargetDown', 'pending'],
    ]);
    const text = (await runCommand(world(http), 'alerts', 'ls')).stdout;
    expect(text).toContain('GatewayDown     critical  firing     2 min  GatewayDown is so.');
    expect(text).toContain('What to do\nGatewayDown: Heal GatewayDown.');
  });

  it('says that nothing fires', async () => {
    expect((await runCommand(world(new FakeAlertmanager([])), 'alerts', 'ls')).stdout).toBe(
      'nothing fires\n',
    );
  });

  it('ends with 4 where nobody answers', async () => {
    const dead = {
      ...world(new FakeAlertmanager([])),
      http: { request: () => Promise.reject(new Error('refused')) },
    };
    expect((await runCommand(dead, 'alerts', 'ls')).exitCode).toBe(4);
  });
});

describe('apictl alerts test', () => {
  it('says of each receiver whether it took the alert, and ends the alert', async () => {
    const http = new FakeAlertmanager(['logging', 'hook', 'chat', 'mail']);
    // What was before does not count.
    http.of('mail').attempts = 7;
    let looks = 0;
    http.onLook(() => {
      looks += 1;
      if (looks === 2) http.of('logging').attempts += 1;
      http.of('hook').attempts += 1;
      http.of('hook').failedAttempts += 1;
      if (looks === 3)
        Object.assign(http.of('chat'), { attempts: 1, failedAttempts: 1, givenUp: { clientError: 1 } });
    });
    const { exitCode, stdout } = await runCommand(world(http), '--json', 'alerts', 'test', '--timeout', '5');
    const { receivers } = alertTestSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(4);
    expect(receivers).toEqual([
      { name: 'logging', state: 'delivered', seconds: 1, found: 'took it' },
      {
        name: 'hook',
        state: 'failed',
        seconds: null,
        found: '30 attempts failed, Alertmanager goes on trying; "apictl logs alertmanager" has the answer',
      },
      {
        name: 'chat',
        state: 'failed',
        seconds: null,
        found: 'the receiver refused it (4xx); "apictl logs alertmanager" has the answer',
      },
      {
        name: 'mail',
        state: 'silent',
        seconds: null,
        found: 'was not told: no route leads to it, or a silence or another alert keeps it away',
      },
    ]);
    expect(http.posted).toHaveLength(2);
    expect(http.posted[0]?.map(({ labels }) => labels.severity)).toEqual([
      ...['critical', 'warning', 'none'],
    ]);
    expect(http.posted[1]?.every(({ endsAt }) => endsAt === '2026-11-26T12:00:15.000Z')).toBe(true);
  });

  it('ends with 0 as soon as everybody has it', async () => {
    const http = new FakeAlertmanager(['logging']);
    http.onLook(() => {
      http.of('logging').attempts = 1;
    });
    const { exitCode, stdout } = await runCommand(world(http), 'alerts', 'test');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/logging\s+delivered\s+0\.5 s\s+took it/);
  });
});

describe('apictl alerts silence', () => {
  it('silences an alert for a while, is listed, and can be ended before', async () => {
    const http = new FakeAlertmanager([]);
    const words = [
      'alerts',
      'silence',
      'HighLatency',
      '--for',
      '1h30m',
      '--label',
      'route=api',
      '--comment',
      'test',
    ];
    const made = await runCommand(world(http), '--json', ...words);
    expect(JSON.parse(made.stdout)).toEqual({
      id: 's1',
      until: '2026-11-26T13:30:00.000Z',
      labels: { alertname: 'HighLatency', route: 'api' },
    });
    expect(http.silences[0]?.body).toMatchObject({ createdBy: 'kim', comment: 'test' });
    const listed = await runCommand(world(http), '--json', 'alerts', 'ls');
    expect(alertListSchema.parse(JSON.parse(listed.stdout)).silences).toEqual([
      {
        id: 's1',
        labels: { alertname: 'HighLatency', route: 'api' },
        until: '2026-11-26T13:30:00.000Z',
        by: 'kim',
        comment: 'test',
      },
    ]);
    expect((await runCommand(world(http), 'alerts', 'silence', '--remove', 's1')).exitCode).toBe(0);
    expect(http.silences).toEqual([]);
  });

  it.each([
    ['HighLatancy', 'Did you mean HighLatency? There are: HighLatency, Shop Closed.'],
    ['Typo', 'There are: HighLatency, Shop Closed.'],
  ])('refuses %s, which no rule has, with what there is', async (name, hint) => {
    const http = new FakeAlertmanager([]);
    const { error } = await runCommand(world(http), 'alerts', 'silence', name, '--for', '5m');
    expect(error).toMatchObject({ exitCode: 64, message: `there is no alert ${name}`, hint });
    expect(http.silences).toEqual([]);
  });

  it('knows the alerts of own rule files, and those that fire whatever rule they have', async () => {
    const http = new FakeAlertmanager([]);
    http.notified = [notified('OfAnotherPrometheus', [], [])];
    for (const name of ['Shop Closed', 'OfAnotherPrometheus'])
      expect((await runCommand(world(http), 'alerts', 'silence', name)).exitCode).toBe(0);
    expect(http.silences).toHaveLength(2);
  });

  it.each([
    [[], 'say which alert, or give --label'],
    [['A', '--for', 'long'], '--for is no duration: "long"'],
    [['A', '--for', '0m'], '--for is no duration: "0m"'],
    [['A', '--label', 'route'], '--label needs NAME=VALUE, not "route"'],
    [['--remove', 'gone'], 'there is no silence gone that holds'],
  ])('refuses %j', async (words, message) => {
    const { error } = await runCommand(world(new FakeAlertmanager([])), 'alerts', 'silence', ...words);
    expect(error).toMatchObject({ message, exitCode: 64 });
  });
});
