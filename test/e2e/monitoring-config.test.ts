import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLAVOURS } from '../../src/config/choices.ts';
import { configSchema } from '../../src/config/schema.ts';
import { fakeLogstash, QUEUE_MAX_BYTES } from '../fakes/fake-logstash.ts';
import { dashboardQueries } from '../support/dashboards.ts';
import { packagedFragments, packageRoot, renderDefault } from '../unit/stack/render/matrix.ts';
import { startOnLoopback } from './support/loopback-program.ts';
import { findTool, imageOf } from './support/monitoring-tools.ts';
import { freePorts } from './support/project.ts';
import { recordedAnswersTest } from './support/recorded-answers.ts';

/**
 * Intent: the programs themselves accept what is rendered for them, and the alert rules do what their tests say. The
 * machine's own promtool, amtool and blackbox exporter are asked, or those of an image of the embedded flavour.
 */

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'apictl-monitoring-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content, { mode: 0o644 });
}

/** One of each way to tell somebody; the secrets are files that only Alertmanager reads. */
const RECEIVERS = [
  { name: 'hook', webhook: { url: 'https://alerts.example/in', bearerSecret: 'alert-hook-token' } },
  { name: 'hidden', webhook: { urlSecret: 'alert-hidden-url' } },
  { name: 'chat', slack: { urlSecret: 'alert-slack-url', channel: '#ops' } },
  { name: 'pager', severities: ['critical'], pagerduty: { routingKeySecret: 'alert-pager-key' } },
  {
    name: 'mail',
    email: {
      ...{ to: 'ops@example.com', from: 'apictl@example.com', smarthost: 'smtp.example.com:587' },
      ...{ username: 'apictl', passwordSecret: 'alert-smtp-password' },
    },
  },
];

const testNames = (await readdir(join(packageRoot, 'monitoring/prometheus/tests'))).sort();

beforeAll(async () => {
  const fragments = await packagedFragments();
  for (const flavour of FLAVOURS) {
    for (const { path, content } of renderDefault(fragments, { flavour }).files) {
      // Rule files are named by their place in the container, which this machine does not have.
      await write(
        join(flavour, path),
        content.replaceAll('/etc/prometheus', `${folder}/${flavour}/config/prometheus`),
      );
    }
  }
  for (const name of testNames) {
    const text = await readFile(join(packageRoot, 'monitoring/prometheus/tests', name), 'utf8');
    await write(join('embedded/config/prometheus/tests', name), text);
  }
  await run('chmod', ['-R', 'a+rX', folder]);
});

const promtool = await findTool('promtool', 'prometheus', folder);
describe.skipIf(promtool === null)('promtool', () => {
  it.each(FLAVOURS)('accepts the scrape configuration and its rules (%s)', async (flavour) => {
    const answer = await promtool?.ask(
      'check',
      'config',
      `${folder}/${flavour}/config/prometheus/prometheus.yml`,
    );
    expect(answer).toContain('SUCCESS: 5 rule files found');
    expect(answer).not.toMatch(/FAILED|WARNING/);
  });

  it.each(testNames)('finds that the rules do what %s says', async (name) => {
    const answer = await promtool?.ask('test', 'rules', `${folder}/embedded/config/prometheus/tests/${name}`);
    expect(answer).toContain('SUCCESS');
  });

  it('answers every query of the dashboards from the recorded metrics', async () => {
    await write(
      'dashboards.yml',
      recordedAnswersTest(dashboardQueries, `${folder}/official/config/prometheus/rules/*.yml`),
    );
    expect(await promtool?.ask('test', 'rules', `${folder}/dashboards.yml`)).toContain('SUCCESS');
  });
});

const amtool = await findTool('amtool', 'alertmanager', folder);
describe.skipIf(amtool === null)('amtool', () => {
  it.each(FLAVOURS)('accepts the routing of alerts (%s)', async (flavour) => {
    const file = `${folder}/${flavour}/config/alertmanager/alertmanager.yml`;
    expect(await amtool?.ask('check-config', file)).toContain('SUCCESS');
  });

  it('accepts receivers of every kind, and brings each the severities that it takes', async () => {
    const config = configSchema.parse({ alerting: { receivers: RECEIVERS } });
    const { files } = renderDefault(await packagedFragments(), { config });
    const text = files.find(({ path }) => path === 'config/alertmanager/alertmanager.yml')?.content ?? '';
    await write('receivers/alertmanager.yml', text);
    await run('chmod', ['-R', 'a+rX', folder]);
    const file = `${folder}/receivers/alertmanager.yml`;
    expect(await amtool?.ask('check-config', file)).toContain(`- ${RECEIVERS.length + 1} receivers`);
    const routed = async (severity: string): Promise<string[] | undefined> => {
      const labels = ['alertname=X', `severity=${severity}`];
      const answer = await amtool?.ask('config', 'routes', 'test', `--config.file=${file}`, ...labels);
      return answer?.split('\n')[0]?.split(',');
    };
    expect(await routed('critical')).toEqual(['logging', 'hook', 'hidden', 'chat', 'pager', 'mail']);
    expect(await routed('warning')).toEqual(['logging', 'hook', 'hidden', 'chat', 'mail']);
    expect(await routed('none')).toEqual(['logging']);
  });

  it('sends every alert to the logging service', async () => {
    const file = `${folder}/embedded/config/alertmanager/alertmanager.yml`;
    const routed = (...labels: string[]) =>
      amtool?.ask('config', 'routes', 'test', `--config.file=${file}`, ...labels);
    for (const severity of ['critical', 'warning']) {
      expect(await routed('alertname=HighErrorRate', `severity=${severity}`)).toMatch(/^logging\n/);
    }
  });
});

const blackbox = await findTool('prometheus-blackbox-exporter', 'blackbox-exporter', folder);
const hasImage = (await imageOf('blackbox-exporter')) !== null;
describe.skipIf(blackbox === null)('the blackbox exporter', () => {
  it.each(FLAVOURS)('accepts its probes (%s)', async (flavour) => {
    const file = `${folder}/${flavour}/config/blackbox/config.yml`;
    expect(await blackbox?.ask('--config.check', `--config.file=${file}`)).toContain('Config file is ok');
  });

  it.skipIf(!hasImage)(
    'tells a pipeline of Logstash that does not run, a queue that is nearly full, and dead letters',
    async () => {
      const logstash = await fakeLogstash();
      const [port = 0] = await freePorts(1);
      const config = '/etc/blackbox_exporter/config.yml';
      const exporter = await startOnLoopback({
        name: `e2e-blackbox-${process.pid}`,
        image: 'blackbox-exporter',
        program: 'prometheus-blackbox-exporter',
        argv: [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`],
        mounts: { [`${folder}/official/config/blackbox/config.yml`]: config },
        readyUrl: `http://127.0.0.1:${port}/`,
      });
      /** The modules whose probe fails. */
      const failing = async (): Promise<string[]> => {
        const answers = await Promise.all(
          ['logstash', 'logstash_queue', 'logstash_dead_letters'].map(async (module) => {
            const target = `${logstash.url}/_node/stats/pipelines/main`;
            const probe = new URLSearchParams({ module, target });
            const { body } = await request(`http://127.0.0.1:${port}/probe?${probe}`);
            return /^probe_success 1$/m.test(await body.text()) ? [] : [module];
          }),
        );
        return answers.flat();
      };
      try {
        expect(await failing()).toEqual([]);
        Object.assign(logstash, { queued: Math.floor(0.89 * QUEUE_MAX_BYTES), deadLetters: 2 });
        expect(await failing()).toEqual([]);
        Object.assign(logstash, { queued: Math.ceil(0.91 * QUEUE_MAX_BYTES) });
        expect(await failing()).toEqual(['logstash_queue']);
        Object.assign(logstash, { queued: QUEUE_MAX_BYTES, deadLetters: 4_711 });
        expect(await failing()).toEqual(['logstash_queue', 'logstash_dead_letters']);
        Object.assign(logstash, { runs: false });
        expect(await failing()).toContain('logstash');
      } finally {
        await exporter.remove();
        await logstash.close();
      }
    },
  );
});
