import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { configSchema } from '../../../../src/config/schema.ts';
import { listAt, mapAt } from '../../../../src/stack/render/compose-tree.ts';
import type { RenderedStack, RenderInput } from '../../../../src/stack/render/render-stack.ts';
import { localImages, packagedFragments, renderDefault } from './matrix.ts';

const fragments = await packagedFragments();
const render = (config: z.input<typeof configSchema>, changes: Partial<RenderInput> = {}) =>
  renderDefault(fragments, { config: configSchema.parse(config), ...changes });

const contentOf = (stack: RenderedStack, path: string): string => {
  const file = stack.files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} is not rendered`);
  return file.content;
};

interface PrometheusConfig {
  scrape_configs: {
    job_name: string;
    metrics_path?: string;
    static_configs: { targets: string[] }[];
  }[];
}
const prometheusOf = (stack: RenderedStack): PrometheusConfig =>
  parseYaml(contentOf(stack, 'config/prometheus/prometheus.yml'));

describe('profiles and flavours', () => {
  it('core alone is the gateway, its database, the backends and the log service', () => {
    expect(Object.keys(render({}, { profiles: ['core'] }).compose.services).sort()).toEqual([
      ...[
        'backend-1',
        'backend-2',
        'backend-3',
        'kong',
        'kong-migrations',
        'log-volumes',
        'logging',
        'postgres',
      ],
    ]);
  });

  it('the log service ships to Elasticsearch only where there is one', () => {
    const loggingOf = (profiles: RenderInput['profiles']) =>
      mapAt(render({}, { flavour: 'official', profiles }).compose.services, 'logging');
    const variables = (service: ReturnType<typeof loggingOf>) =>
      Object.keys(mapAt(service, 'environment')).filter((name) => name.includes('ELASTICSEARCH'));
    expect(variables(loggingOf(['core']))).toEqual([]);
    expect(JSON.stringify(loggingOf(['core']).secrets)).not.toContain('logging-writer-password');
    expect(variables(loggingOf(['core', 'elk']))).toHaveLength(2);
    expect(JSON.stringify(loggingOf(['core', 'elk']).secrets)).toContain('logging-writer-password');
  });

  it('the log service masks what the configuration adds, byte for byte', () => {
    const environmentOf = (config: z.input<typeof configSchema>) =>
      mapAt(mapAt(render(config).compose.services, 'logging'), 'environment');
    const maskPatterns = ['^EMP-[0-9]{6}$', '"\\d+",\\s*[$]'];
    const { LOGGING_MASK_KEYS, LOGGING_MASK_PATTERNS } = environmentOf({
      logging: { maskKeys: ['iban', 'customer'], maskPatterns },
    });
    expect(LOGGING_MASK_KEYS).toBe('iban,customer');
    expect(JSON.parse(String(LOGGING_MASK_PATTERNS).replaceAll('$$', '$'))).toEqual(maskPatterns);
    expect(Object.keys(environmentOf({})).filter((name) => name.includes('MASK'))).toEqual([]);
  });

  it('the embedded flavour leaves out what Debian does not ship, and says so', () => {
    const leftOut = render({}).services.filter(({ kind }) => kind === 'left out');
    expect(leftOut.map(({ service }) => service).sort()).toEqual([
      ...['cadvisor', 'elasticsearch', 'elasticsearch-exporter', 'elasticsearch-setup', 'grafana', 'kibana'],
      'kibana-setup',
      'logstash',
    ]);
    for (const { why } of leftOut) expect(why).toMatch(/^Debian has /);
  });

  it('the embedded gateway is called a substitute, PostgreSQL another version', () => {
    const rows = render({}).services;
    expect(rows).toContainEqual({
      service: 'kong',
      kind: 'substitute',
      why: 'apictl development gateway, not Kong',
    });
    expect(rows).toContainEqual({
      service: 'postgres',
      kind: 'real',
      why: 'PostgreSQL 17 from Debian instead of 13',
    });
  });

  it('a service of a profile that is not selected is left out for that reason', () => {
    const rows = render({}, { flavour: 'official', profiles: ['core'] }).services;
    const why = (name: string) => rows.find(({ service }) => service === name)?.why;
    expect(why('kibana')).toBe('profile elk is not selected');
    expect(why('prometheus')).toBe('profile monitoring is not selected');
    expect(why('elasticsearch-exporter')).toBe('profile elk is not selected');
    expect(rows.some(({ service, kind }) => service === 'kong' && kind === 'real')).toBe(true);
  });

  it('who makes the data of Elasticsearch anew has removed its jobs, which so run again', () => {
    const { services } = render({}, { flavour: 'official' }).compose;
    for (const job of ['elasticsearch-setup', 'kibana-setup']) {
      expect(services[job], job).toMatchObject({ restart: 'no' });
      expect(listAt(services[job] ?? {}, 'volumes'), job).toContain(
        'elasticsearch-data-official:/volumes/elasticsearch-data:ro',
      );
    }
  });

  it('the exporter of Elasticsearch needs both profiles', () => {
    const services = render({}, { flavour: 'official', profiles: ['core', 'elk'] }).compose.services;
    expect(services).toHaveProperty('elasticsearch');
    expect(services).not.toHaveProperty('elasticsearch-exporter');
  });

  it('images built here are never asked of a registry, the others are the pinned ones', () => {
    for (const [name, service] of Object.entries(render({}).compose.services)) {
      expect(service, name).toMatchObject({
        pull_policy: 'never',
        image: expect.stringMatching(/^apictl\//),
      });
    }
    const { services } = render({ versions: { kong: '3.9.3' } }, { flavour: 'official' }).compose;
    expect(services.kong).toMatchObject({ image: 'kong:3.9.3' });
    expect(services.kong).not.toHaveProperty('pull_policy');
    expect(services.logging).toMatchObject({ image: localImages.logging, pull_policy: 'never' });
  });

  it('an image that is not given is an error that names it', () => {
    const { logging: _logging, ...images } = localImages;
    expect(() => render({}, { images })).toThrow(
      'compose/fragments/log-volumes.yaml: image: there is no value {{ images.logging }}',
    );
  });
});

describe('the gateway', () => {
  it.each(['official', 'embedded'] as const)(
    'listens for administration on its own network only (%s)',
    (flavour) => {
      const { kong } = render({}, { flavour }).compose.services;
      expect(mapAt(kong ?? {}, 'environment')).not.toHaveProperty('KONG_ADMIN_LISTEN');
      expect(String(listAt(kong ?? {}, 'command')[0])).toContain(
        'KONG_ADMIN_LISTEN="$$ip:8001, $$ip:8444 http2 ssl"',
      );
      expect(kong?.networks).toEqual({ 'admin-net': { aliases: ['kong-admin'] }, 'kong-net': {} });
    },
  );

  it('is published through the network whose name sorts first', () => {
    expect(Object.keys(render({}).compose.networks)[0]).toBe('admin-net');
  });

  it('answers other origins than its own manager with nothing', () => {
    const environment = (bind: string) =>
      mapAt(
        render({ bind, ports: { manager: 18002, admin: 18001 } }).compose.services.kong ?? {},
        'environment',
      );
    expect(environment('127.0.0.1')).toMatchObject({
      KONG_ADMIN_GUI_URL: 'http://127.0.0.1:18002',
      KONG_ADMIN_GUI_API_URL: 'http://127.0.0.1:18001',
    });
    expect(environment('0.0.0.0').KONG_ADMIN_GUI_URL).toBe('http://127.0.0.1:18002');
    expect(environment('::1').KONG_ADMIN_GUI_URL).toBe('http://[::1]:18002');
  });

  it('follows addresses that change within seconds', () => {
    expect(mapAt(render({}).compose.services.kong ?? {}, 'environment').KONG_DNS_VALID_TTL).toBe('5');
  });

  it('looks at its password before it starts, because the official image would go on without', () => {
    for (const name of ['kong', 'kong-migrations']) {
      const service = render({}, { flavour: 'official' }).compose.services[name];
      expect(String(listAt(service ?? {}, 'command')[0]), name).toMatch(
        /^test -s \/run\/secrets\/postgres-password /,
      );
    }
  });
});

describe('the database', () => {
  const postgres = (tag: string) =>
    render({ versions: { postgres: tag } }, { flavour: 'official' }).compose.services.postgres;

  it('has a volume of its own per major version and flavour', () => {
    const volumes = (changes: Partial<RenderInput>, tag = '13.23-alpine3.22') =>
      Object.keys(render({ versions: { postgres: tag } }, changes).compose.volumes).filter((name) =>
        name.startsWith('postgres'),
      );
    expect(volumes({})).toEqual(['postgres-data-17-embedded']);
    expect(volumes({ flavour: 'official' })).toEqual(['postgres-data-13-official']);
    expect(volumes({ flavour: 'official' }, '16.15')).toEqual(['postgres-data-16-official']);
  });

  it('runs as the user of its image, Alpine or Debian', () => {
    expect(postgres('13.23-alpine3.22')).toMatchObject({
      user: '70:70',
      tmpfs: ['/tmp', '/var/run/postgresql:uid=70,gid=70,mode=3777'],
    });
    expect(postgres('16.15-bookworm')).toMatchObject({ user: '999:999' });
  });

  it('keeps its data where the image of that version does', () => {
    expect(postgres('17.11')?.volumes).toEqual(['postgres-data-17-official:/var/lib/postgresql/data']);
    expect(postgres('18.1')?.volumes).toEqual(['postgres-data-18-official:/var/lib/postgresql']);
  });

  it('refuses a tag from which no major version can be told', () => {
    expect(() => postgres('latest')).toThrow(
      'versions.postgres: the tag "latest" does not begin with a major version',
    );
  });
});

describe('a backend of the user’s own', () => {
  const own = render({
    backends: {
      image: 'shop/api:1.4',
      replicas: 2,
      port: 9000,
      healthPath: '/up',
      command: ['serve'],
      environment: { GREETING: 'costs $5', INSTANCE_NAME: 'mine' },
      user: '10001:10002',
      readOnly: false,
      memory: '1GiB',
    },
  });
  const first = own.compose.services['backend-1'];

  it('is pulled where it is missing, and runs as configured in every instance', () => {
    expect(Object.keys(own.compose.services).filter((name) => name.startsWith('backend-'))).toEqual([
      'backend-1',
      'backend-2',
    ]);
    expect(first).toMatchObject({
      image: 'shop/api:1.4',
      pull_policy: 'missing',
      command: ['serve'],
      user: '10001:10002',
      read_only: false,
      mem_limit: '1GiB',
    });
    expect(first).not.toHaveProperty('build');
  });

  it('gets its environment over ours, dollars doubled for Compose', () => {
    expect(first?.environment).toMatchObject({
      GREETING: 'costs $$5',
      INSTANCE_NAME: 'mine',
      BACKEND_PORT: 9000,
      BACKEND_VERSION: '1.4',
    });
  });

  it('is asked for its health on its own port and path', () => {
    expect(listAt(mapAt(first ?? {}, 'healthcheck'), 'test').at(-1)).toBe('http://127.0.0.1:9000/up');
  });

  it('is scraped on its own port and path, or not at all', () => {
    const job = (backends: object) =>
      prometheusOf(render({ backends })).scrape_configs.find(({ job_name }) => job_name === 'backends');
    expect(job({ image: 'a', port: 9000, metricsPath: '/m$1', replicas: 2 })).toEqual({
      job_name: 'backends',
      metrics_path: '/m$1',
      static_configs: [{ targets: ['backend-1:9000', 'backend-2:9000'] }],
    });
    expect(job({ image: 'a', metrics: false })).toBeUndefined();
  });

  it('can be built from a folder, which is found from .apictl', () => {
    const { services } = render({ backends: { build: { context: 'shop', args: { A: '$1' } } } }).compose;
    expect(services['backend-2']).toMatchObject({
      image: localImages.backend,
      pull_policy: 'never',
      build: { context: '../shop', dockerfile: 'Dockerfile', args: { A: '$$1' } },
    });
  });

  it('is told as what it is', () => {
    const why = (backends: object) =>
      render({ backends }).services.find(({ service }) => service === 'backend-1')?.why;
    expect(why({})).toBe('the packaged Django application');
    expect(why({ image: 'shop/api:1.4' })).toBe('your image shop/api:1.4');
    expect(why({ build: { context: 'shop' } })).toBe('built from your folder shop');
  });

  it('needs no image built here', () => {
    const { backend: _backend, ...images } = localImages;
    const stack = render({ backends: { image: 'shop/api@sha256:'.concat('0'.repeat(64)) } }, { images });
    expect(stack.compose.services['backend-1']?.environment).toMatchObject({ BACKEND_VERSION: 'latest' });
  });
});

describe('the mounted configuration', () => {
  it('scrapes what is there: jobs follow profiles and flavour', () => {
    const jobs = (changes: Partial<RenderInput>) =>
      prometheusOf(render({}, changes)).scrape_configs.map(({ job_name }) => job_name);
    const always = [
      ...['kong', 'logging', 'backends', 'gateway-http', 'gateway-tls', 'postgres', 'node', 'prometheus'],
      ...['alertmanager', 'blackbox'],
    ];
    expect(jobs({}).sort()).toEqual([...always].sort());
    expect(jobs({ flavour: 'official', profiles: ['core', 'monitoring'] }).sort()).toEqual(
      [...always, 'containers', 'grafana'].sort(),
    );
    expect(jobs({ flavour: 'official' }).sort()).toEqual(
      [
        ...[...always, 'containers', 'grafana', 'elasticsearch'],
        ...['logstash', 'logstash-queue', 'logstash-dead-letters'],
      ].sort(),
    );
  });

  it('names targets only that are services of the stack', () => {
    for (const flavour of ['official', 'embedded'] as const) {
      const stack = render({}, { flavour });
      for (const { static_configs: configs } of prometheusOf(stack).scrape_configs) {
        for (const target of configs.flatMap(({ targets }) => targets)) {
          const host = target.replace(/^https?:\/\//, '').split(':')[0] ?? '';
          if (host !== '127.0.0.1') expect(stack.compose.services, target).toHaveProperty(host);
        }
      }
    }
  });

  it('copies rules and pipelines byte for byte: their braces are not ours', () => {
    const stack = render({}, { flavour: 'official' });
    for (const [from, to] of [
      ['monitoring/prometheus/rules/hosts.yml', 'config/prometheus/rules/hosts.yml'],
      ['elk/logstash/pipeline/kong.conf', 'config/logstash/pipeline/kong.conf'],
      ['elk/elasticsearch/setup.sh', 'config/elasticsearch/setup.sh'],
    ] as const) {
      expect(contentOf(stack, to)).toBe(fragments.configFiles[from]);
    }
  });

  it('puts the thresholds of the configuration into the rules and leaves Prometheus its own braces', () => {
    const alerting = { window: '2m', errorRatio: 0.2, availability: 0.99 };
    const rules = contentOf(render({ alerting }), 'config/prometheus/rules/gateway.yml');
    expect(rules).toContain('increase(kong_http_requests_total[2m])');
    expect(rules).toContain('gateway:error_ratio > 0.2');
    expect(rules).toContain('gateway:error_budget_ratio:rate1h > 0.144');
    expect(rules).toContain('{{ $value | humanizePercentage }}');
  });

  it('routes alerts to the receivers of the configuration, each for itself, with credentials only as files', () => {
    const receivers = [
      { name: 'hook', webhook: { url: 'https://alerts.example/in', bearerSecret: 'alert-hook-token' } },
      { name: 'hidden', webhook: { urlSecret: 'alert-hidden-url' } },
      {
        name: 'chat',
        severities: ['critical' as const],
        slack: { urlSecret: 'alert-slack-url', channel: '#ops' },
      },
      {
        ...{ name: 'pager', repeatInterval: '30m' },
        pagerduty: { routingKeySecret: 'alert-pager-key', url: 'https://events.eu.pagerduty.com/v2/enqueue' },
      },
      {
        name: 'mail',
        email: {
          to: 'ops@example.com',
          from: 'apictl@example.com',
          smarthost: 'smtp.example.com:587',
          username: 'apictl',
          passwordSecret: 'alert-smtp-password',
        },
      },
    ];
    const stack = render({ alerting: { receivers } });
    const config = parseYaml(contentOf(stack, 'config/alertmanager/alertmanager.yml'));
    expect(config.route.routes).toEqual([
      { receiver: 'logging', continue: true },
      { receiver: 'hook', matchers: ['severity=~"critical|warning"'], continue: true },
      { receiver: 'hidden', matchers: ['severity=~"critical|warning"'], continue: true },
      { receiver: 'chat', matchers: ['severity=~"critical"'], continue: true },
      {
        ...{ receiver: 'pager', matchers: ['severity=~"critical|warning"'], continue: true },
        repeat_interval: '30m',
      },
      { receiver: 'mail', matchers: ['severity=~"critical|warning"'], continue: true },
    ]);
    expect(config.receivers).toMatchObject([
      { name: 'logging', webhook_configs: [{ url: 'http://logging:8081/v1/alerts', send_resolved: true }] },
      {
        webhook_configs: [
          {
            url: 'https://alerts.example/in',
            http_config: { authorization: { credentials_file: '/run/secrets/alert-hook-token' } },
          },
        ],
      },
      { webhook_configs: [{ url_file: '/run/secrets/alert-hidden-url' }] },
      { slack_configs: [{ api_url_file: '/run/secrets/alert-slack-url', channel: '#ops' }] },
      {
        pagerduty_configs: [
          {
            routing_key_file: '/run/secrets/alert-pager-key',
            url: 'https://events.eu.pagerduty.com/v2/enqueue',
          },
        ],
      },
      {
        email_configs: [
          {
            to: 'ops@example.com',
            auth_password_file: '/run/secrets/alert-smtp-password',
            require_tls: true,
          },
        ],
      },
    ]);
    expect(stack.compose.services.alertmanager?.secrets).toEqual([
      'alert-hidden-url',
      'alert-hook-token',
      'alert-pager-key',
      'alert-slack-url',
      'alert-smtp-password',
    ]);
  });

  it('tells of a service that is down, and of a log that is not written, no later than the window is long', () => {
    const heldFor = (window: string): string => {
      const stack = render({ alerting: { window } });
      const fors = ['stack', 'gateway'].flatMap((name) =>
        parseYaml(contentOf(stack, `config/prometheus/rules/${name}.yml`)).groups.flatMap(
          ({ rules }: { rules: { alert?: string; for: string }[] }) =>
            rules.flatMap(({ alert, for: held }) =>
              alert === 'TargetDown' || alert === 'GatewayLogMissing' ? [held] : [],
            ),
        ),
      );
      return fors.join(' ');
    };
    expect(['20s', '3m', '1d'].map(heldFor)).toEqual(['20s 20s', '2m 3m', '2m 5m']);
  });

  it('asks and tells as often as the configuration says, and lets no scrape last into the next', () => {
    const timesOf = (alerting: z.input<typeof configSchema>['alerting']) => {
      const stack = render({ alerting });
      const { global } = parseYaml(contentOf(stack, 'config/prometheus/prometheus.yml'));
      const { route } = parseYaml(contentOf(stack, 'config/alertmanager/alertmanager.yml'));
      return [
        ...[global.scrape_interval, global.evaluation_interval, global.scrape_timeout],
        ...[route.group_wait, route.group_interval, route.repeat_interval],
      ];
    };
    expect(timesOf({})).toEqual(['15s', '15s', '10s', '10s', '1m', '4h']);
    const own = { interval: '5s', groupWait: '1s', groupInterval: '5s', repeatInterval: '1w' };
    expect(timesOf(own)).toEqual(['5s', '5s', '5s', '1s', '5s', '7d']);
  });

  it('does not hand tests of the rules to Prometheus', () => {
    expect(render({}).files.some(({ path }) => path.includes('prometheus/tests'))).toBe(false);
  });

  it('leaves to Kibana and Grafana what they fill in themselves', () => {
    const stack = render({ ports: { kibana: 15601 } }, { flavour: 'official' });
    expect(parseYaml(contentOf(stack, 'config/kibana/kibana.yml'))).toMatchObject({
      'elasticsearch.password': `$${'{KIBANA_SYSTEM_PASSWORD}'}`,
      'server.publicBaseUrl': 'http://127.0.0.1:15601',
    });
    const sources = contentOf(stack, 'config/grafana/provisioning/datasources/apictl.yaml');
    expect(sources).toContain('"$__file{/run/secrets/exporter-password}"');
  });

  it('gives Grafana the Elasticsearch data source and its secret only where Elasticsearch runs', () => {
    const grafana = (profiles: RenderInput['profiles']) => {
      const stack = render({}, { flavour: 'official', profiles });
      return {
        secrets: stack.compose.services.grafana?.secrets,
        sources: parseYaml(
          contentOf(stack, 'config/grafana/provisioning/datasources/apictl.yaml'),
        ).datasources.map(({ name }: { name: string }) => name),
      };
    };
    expect(grafana(['core', 'monitoring'])).toEqual({
      secrets: ['grafana-admin-password', 'grafana-secret-key'],
      sources: ['Prometheus', 'Alertmanager'],
    });
    expect(grafana(['core', 'monitoring', 'elk'])).toEqual({
      secrets: ['grafana-admin-password', 'grafana-secret-key', 'exporter-password'],
      sources: ['Prometheus', 'Alertmanager', 'Elasticsearch'],
    });
  });

  it('verifies the gateway’s certificate by a name that it holds for', () => {
    const name = (hosts: string[]) =>
      parseYaml(contentOf(render({ tls: { hosts } }), 'config/blackbox/config.yml')).modules.gateway_tls.http
        .tls_config.server_name;
    expect(name(['localhost', '127.0.0.1'])).toBe('localhost');
    expect(name(['*.example.test'])).toBe('probe.example.test');
  });

  it('says weeks in days, which all programs understand', () => {
    const { services } = render(
      { retention: { prometheus: '2w', logging: '1w', elasticsearch: '3w' } },
      { flavour: 'official' },
    ).compose;
    expect(services.prometheus?.command).toContain('--storage.tsdb.retention.time=14d');
    expect(services.logging?.environment).toMatchObject({ LOGGING_RETENTION_AGE: '7d' });
    expect(services['elasticsearch-setup']?.environment).toMatchObject({ ELASTICSEARCH_RETENTION: '21d' });
  });

  it('gives Elasticsearch memory beside its heap', () => {
    const memory = (heap: string) =>
      render({ elasticsearch: { heap } }, { flavour: 'official' }).compose.services.elasticsearch?.mem_limit;
    expect(memory('512m')).toBe('1536m');
    expect(memory('2g')).toBe('4608m');
  });
});
