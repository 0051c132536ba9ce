import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttp } from '../../src/adapters/http.ts';
import { alertTestSchema } from '../../src/app/alerts/model.ts';
import { Alertmanager, type Labels } from '../../src/monitoring/alertmanager.ts';
import { type AlertReceivers, type Notification, startAlertReceivers } from '../fakes/alert-receivers.ts';
import { makeCertificate } from '../fakes/certificate-maker.ts';
import { type MailServer, startMailServer } from '../fakes/mail-server.ts';
import { type RunningAlertmanager, startAlertmanager } from './support/alertmanager.ts';
import { imageOf } from './support/monitoring-tools.ts';
import { eventually, makeProject, PROGRAM, type TestProject } from './support/project.ts';

/** Intent: what is configured under alerting.receivers arrives where it is to arrive, by a real Alertmanager. */

const SECRETS = {
  'alert-slack-path': '/services/T01/B02/the-secret-of-slack',
  'alert-pager-key': '0123456789abcdef0123456789abcdef',
  'alert-hook-token': 'the-token-of-the-hook',
  'alert-smtp-password': 'the password of the mail',
};

const receiverOf = ({ receiver }: Notification): string => receiver;
const namesIn = ({ alerts }: Notification): string[] => alerts.map(({ labels }) => labels.alertname ?? '');

const email = (port: number, to: string) => ({
  ...{ to, from: 'apictl@example.com', smarthost: `localhost:${port}` },
  ...{ username: 'apictl', passwordSecret: 'alert-smtp-password' },
});

describe.skipIf((await imageOf('alertmanager')) === null)('the receivers of alerts', () => {
  let project: TestProject;
  let told: AlertReceivers;
  let mail: MailServer;
  let running: RunningAlertmanager;
  let alertmanager: Alertmanager;

  beforeAll(async () => {
    const { cert, key } = await makeCertificate({ subject: 'mail', hosts: ['localhost'], isAuthority: true });
    told = await startAlertReceivers({
      slackPath: SECRETS['alert-slack-path'],
      routingKey: SECRETS['alert-pager-key'],
      bearer: SECRETS['alert-hook-token'],
    });
    mail = await startMailServer({ cert, key, user: 'apictl', password: SECRETS['alert-smtp-password'] });
    project = await makeProject('delivery');
    const receivers = [
      { name: 'chat', slack: { urlSecret: 'alert-slack-url', channel: '#ops' } },
      {
        ...{ name: 'oncall', severities: ['critical'] },
        pagerduty: { routingKeySecret: 'alert-pager-key', url: `${told.url}/v2/enqueue` },
      },
      { name: 'mail', severities: ['critical'], email: email(mail.port, 'ops@example.com') },
      {
        name: 'hook',
        severities: ['warning'],
        webhook: { url: `${told.url}/in`, bearerSecret: 'alert-hook-token' },
      },
      {
        name: 'heartbeat',
        severities: ['none'],
        repeatInterval: '1s',
        webhook: { url: `${told.url}/in`, bearerSecret: 'alert-hook-token' },
      },
      { name: 'banned', severities: ['none'], slack: { urlSecret: 'alert-banned-url' } },
      { name: 'nobody', severities: ['none'], email: email(mail.port, 'nobody@example.com') },
    ];
    await project.configure({ alerting: { groupWait: '1s', groupInterval: '1s', receivers } });
    const values = {
      'alert-pager-key': SECRETS['alert-pager-key'],
      'alert-hook-token': SECRETS['alert-hook-token'],
      'alert-smtp-password': SECRETS['alert-smtp-password'],
      'alert-slack-url': told.url + SECRETS['alert-slack-path'],
      'alert-banned-url': `${told.url}/services/T01/B02/taken-back`,
    };
    for (const [name, input] of Object.entries(values)) {
      await execa(process.execPath, [PROGRAM, 'secrets', 'set', name], {
        cwd: project.root,
        input: `${input}\n`,
      });
    }
    const { exitCode, stderr } = await project.apictl('render');
    if (exitCode !== 0) throw new Error(stderr);
    running = await startAlertmanager(project, { logging: told.url, authority: cert });
    alertmanager = new Alertmanager(createHttp(), running.url);
  });
  afterAll(async () => {
    await running?.remove();
    await Promise.all([told?.close(), mail?.close()]);
    await project?.destroy();
  });

  /** As Prometheus hands it over. */
  const fire = (...alerts: readonly Labels[]): Promise<void> =>
    alertmanager.post(
      alerts.map((labels) => ({
        labels: { stack: 'shop', ...labels },
        annotations: {
          summary: `${labels.alertname} happens${labels.instance === undefined ? '' : ` to ${labels.instance}`}.`,
          description: 'It is described here.',
          runbook: `Do what helps against ${labels.alertname}.`,
        },
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 600_000).toISOString(),
      })),
    );

  const titles = (): (string | undefined)[] => told.slack.map(({ attachments }) => attachments[0]?.title);

  it('are told of a critical alert, each in its own way, with severity, service, what happens and what to do', async () => {
    await fire({ alertname: 'HighErrorRate', severity: 'critical', service: 'kong' });
    await eventually('chat, pager, mail and the logging service are told', async () => {
      expect([told.slack.length, told.pagerduty.length, mail.mails.length, told.logging.length]).toEqual([
        1, 1, 1, 1,
      ]);
    });
    expect(told.slack[0]).toEqual({
      channel: '#ops',
      attachments: [
        {
          title: 'FIRING critical: HighErrorRate (kong)',
          text: 'HighErrorRate happens.\nDo what helps against HighErrorRate.',
          color: 'danger',
        },
      ],
    });
    expect(told.pagerduty[0]).toMatchObject({
      event_action: 'trigger',
      payload: {
        ...{ severity: 'critical', class: 'HighErrorRate', component: 'kong' },
        summary: 'HighErrorRate (kong): HighErrorRate happens.',
        custom_details: {
          summary: 'HighErrorRate happens.\n',
          runbook: 'Do what helps against HighErrorRate.',
        },
      },
    });
    const [letter] = mail.mails;
    expect(letter?.to?.[0]?.address).toBe('ops@example.com');
    expect(letter?.subject).toMatch(/FIRING.*HighErrorRate.*kong.*critical/);
    expect(letter?.html).toContain('HighErrorRate happens.');
    expect(letter?.html).toContain('Do what helps against HighErrorRate.');
    expect(told.webhook).toEqual([]);
  });

  it('log in with the credentials of the secret files, which are seen nowhere else', async () => {
    expect(mail.logins).toEqual([`apictl ${SECRETS['alert-smtp-password']}`]);
    await fire({ alertname: 'HighLatency', severity: 'warning', service: 'kong', route: 'api' });
    // It takes nothing without its token.
    await eventually('the hook is told', async () => expect(told.webhook.map(receiverOf)).toContain('hook'));
    const seen = [
      await readFile(join(project.root, '.apictl/config/alertmanager/alertmanager.yml'), 'utf8'),
      await execa('docker', ['inspect', `${project.name}-alertmanager`]).then(({ stdout }) => stdout),
      await running.logs(),
      (await createHttp().request({ method: 'GET', url: `${running.url}/api/v2/status`, timeoutMs: 5000 }))
        .body,
      ...told.bodies.map((body) => body.replace(/"routing_key":"[^"]+"/, '')),
      ...mail.mails.map((letter) => JSON.stringify(letter)),
    ].join('\n');
    for (const secret of Object.values(SECRETS)) expect(seen).not.toContain(secret);
  });

  it('are told of the severities that they take, and of the watchdog again and again where they want to be', async () => {
    await fire({ alertname: 'Watchdog', severity: 'none' });
    await eventually('the heartbeat beats', async () =>
      expect(told.webhook.filter((message) => receiverOf(message) === 'heartbeat').length).toBeGreaterThan(1),
    );
    const names = (receiver: string) =>
      told.webhook.filter((message) => receiverOf(message) === receiver).flatMap(namesIn);
    expect(new Set(names('heartbeat'))).toEqual(new Set(['Watchdog']));
    expect(names('hook')).toEqual(['HighLatency']);
    expect(told.pagerduty.map(({ payload }) => payload.class)).toEqual(['HighErrorRate']);
    expect(mail.mails).toHaveLength(1);
    expect(told.slack.map(({ attachments }) => attachments[0]?.title)).toEqual([
      'FIRING critical: HighErrorRate (kong)',
      'FIRING warning: HighLatency (kong)',
    ]);
  });

  it('are told of an outage of everything in one message', async () => {
    const down = Array.from({ length: 12 }, (_, index) => `service-${index + 1}:8000`);
    await fire(
      ...down.map((instance) => ({ alertname: 'TargetDown', severity: 'warning', job: 'all', instance })),
    );
    const messages = await eventually('the chat is told', async () => {
      const found = told.slack.filter(({ attachments }) => attachments[0]?.title.includes('TargetDown'));
      expect(found).toHaveLength(1);
      return found;
    });
    const lines = messages[0]?.attachments[0]?.text.split('\n') ?? [];
    expect(lines.slice(0, -1).sort()).toEqual(
      down.map((instance) => `TargetDown happens to ${instance}.`).sort(),
    );
    expect(lines.at(-1)).toBe('Do what helps against TargetDown.');
  });

  it('are told that the gateway is down, and not what follows from it', async () => {
    await fire({ alertname: 'GatewayDown', severity: 'critical', service: 'kong' });
    await eventually('the chat is told', async () =>
      expect(titles()).toContain('FIRING critical: GatewayDown (kong)'),
    );
    await fire(
      { alertname: 'ErrorBudgetBurnsSlowly', severity: 'warning', service: 'kong' },
      { alertname: 'TrafficAbsent', severity: 'warning', service: 'kong' },
      { alertname: 'TargetDown', severity: 'warning', job: 'kong', instance: 'kong:8100' },
      { alertname: 'MemoryPressure', severity: 'warning', service: 'host' },
    );
    await eventually('the chat is told of the other', async () =>
      expect(titles()).toContain('FIRING warning: MemoryPressure (host)'),
    );
    const inhibited = (await alertmanager.alerts()).filter(({ inhibitedBy }) => inhibitedBy.length > 0);
    expect(inhibited.map(({ labels }) => `${labels.alertname} ${labels.job ?? ''}`.trim()).sort()).toEqual([
      ...['ErrorBudgetBurnsSlowly', 'HighErrorRate', 'HighLatency', 'TargetDown kong', 'TrafficAbsent'],
    ]);
    expect(titles().join()).not.toMatch(/ErrorBudgetBurnsSlowly|TrafficAbsent/);
  });

  it('are each named by "alerts test", with what became of the test, and one that refuses it makes it fail', async () => {
    const { exitCode, stdout, stderr } = await project.apictl('alerts', 'test', '--json', '--timeout', '30');
    expect(exitCode, stdout + stderr).toBe(4);
    const { receivers } = alertTestSchema.parse(JSON.parse(stdout));
    expect(receivers.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...['logging delivered', 'chat delivered', 'oncall delivered', 'mail delivered', 'hook delivered'],
      ...['heartbeat delivered', 'banned failed', 'nobody failed'],
    ]);
    const found = Object.fromEntries(receivers.map((receiver) => [receiver.name, receiver.found]));
    expect(found.banned).toBe('the receiver refused it (4xx); "apictl logs alertmanager" has the answer');
    expect(found.nobody).toBe('the receiver did not take it; "apictl logs alertmanager" has the answer');
    const logs = await running.logs();
    expect(logs).toMatch(/banned.*invalid_token/);
    expect(logs).toMatch(/nobody.*550 No such user here/);
    expect(logs).not.toContain('taken-back');
  });

  it('have been told of everything once, though all of it still fires', () => {
    expect(titles()).toEqual([...new Set(titles())]);
    const pages = told.pagerduty.filter(({ event_action }) => event_action === 'trigger');
    expect(pages.map(({ payload }) => payload.class)).toEqual(['HighErrorRate', 'GatewayDown', 'ApictlTest']);
    expect(mail.mails.map(({ subject }) => /\] (\w+)/.exec(subject ?? '')?.[1])).toEqual([
      ...['HighErrorRate', 'GatewayDown', 'ApictlTest'],
    ]);
  });
});
