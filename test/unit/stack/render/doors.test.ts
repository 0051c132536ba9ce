import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { configSchema, type DoorName } from '../../../../src/config/schema.ts';
import { listAt, mapAt } from '../../../../src/stack/render/compose-tree.ts';
import { packagedFragments, renderDefault } from './matrix.ts';

const fragments = await packagedFragments();
const DOORS = [
  'manager',
  'loggingAdmin',
  'prometheus',
  'alertmanager',
  'grafana',
  'elasticsearch',
  'kibana',
] as const;
const CERTIFICATE: Readonly<Record<(typeof DOORS)[number], string>> = {
  manager: 'manager',
  loggingAdmin: 'logging',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
  grafana: 'grafana',
  elasticsearch: 'elasticsearch',
  kibana: 'kibana',
};

/** What Debian does not have. */
const LEFT_OUT = ['grafana', 'elasticsearch', 'kibana'];

const rendered = (
  doors: Partial<Record<DoorName, boolean>>,
  flavour: 'official' | 'embedded' = 'official',
) => {
  const stack = renderDefault(fragments, { flavour, config: configSchema.parse({ tls: { doors } }) });
  const mounts = (service: string): string[] =>
    listAt(stack.compose.services[service] ?? {}, 'volumes').flatMap((mount) =>
      typeof mount === 'object' && mount !== null && 'source' in mount ? [String(mount.source)] : [],
    );
  const file = (path: string) =>
    parseYaml(stack.files.find((candidate) => candidate.path === path)?.content ?? '');
  return { ...stack, mounts, file };
};
const all: Partial<Record<DoorName, boolean>> = Object.fromEntries(DOORS.map((door) => [door, true]));
const health = (stack: ReturnType<typeof rendered>, service: string): string =>
  listAt(mapAt(stack.compose.services[service] ?? {}, 'healthcheck'), 'test').join(' ');

describe('the doors', () => {
  it('speak plain HTTP unless they are told otherwise, and mount no certificate', () => {
    const plain = rendered({});
    for (const name of Object.values(CERTIFICATE)) {
      const mounted = Object.keys(plain.compose.services).filter((service) =>
        plain.mounts(service).includes(`../secrets/certs/${name}`),
      );
      expect(mounted).toEqual([]);
    }
    expect(JSON.stringify(plain.compose)).not.toContain('web.config.file');
    expect(plain.file('config/prometheus/prometheus.yml').alerting.alertmanagers).toEqual([
      { scheme: 'http', static_configs: [{ targets: ['alertmanager:9093'] }] },
    ]);
  });

  it.each(['official', 'embedded'] as const)(
    'with TLS have a certificate each, which nobody else mounts (%s)',
    (flavour) => {
      const stack = rendered(all, flavour);
      for (const name of Object.values(CERTIFICATE).filter(
        (door) => flavour === 'official' || !LEFT_OUT.includes(door),
      )) {
        const mounted = Object.keys(stack.compose.services).filter((service) =>
          stack.mounts(service).includes(`../secrets/certs/${name}`),
        );
        expect(mounted).toEqual([name === 'manager' ? 'kong' : name]);
      }
    },
  );

  it('with TLS are asked with it by their health checks, verified', () => {
    const stack = rendered(all);
    expect(health(stack, 'prometheus')).toBe(
      'CMD promtool check ready --url=https://127.0.0.1:9090 --http.config.file=/etc/prometheus/probe.yml',
    );
    expect(health(stack, 'alertmanager')).toContain('--alertmanager.url=https://127.0.0.1:9093');
    expect(health(stack, 'grafana')).toContain('--cacert /etc/apictl/certs/trust/ca.crt');
    const verified = { ca_file: '/etc/apictl/certs/trust/ca.crt', server_name: 'localhost' };
    for (const name of ['prometheus', 'alertmanager']) {
      expect(stack.file(`config/${name}/probe.yml`)).toEqual({ tls_config: verified });
      expect(stack.mounts(name)).toContain('../secrets/certs/trust');
      expect(stack.file(`config/${name}/web.yml`).tls_server_config.cert_file).toBe(
        `/etc/apictl/certs/${name}/tls.crt`,
      );
    }
  });

  it('with TLS are reached with it by those that scrape, notify and draw, verified', () => {
    const stack = rendered(all);
    const prometheus = stack.file('config/prometheus/prometheus.yml');
    const tls = { ca_file: '/etc/apictl/certs/trust/ca.crt', server_name: 'localhost' };
    expect(prometheus.alerting.alertmanagers).toMatchObject([{ scheme: 'https', tls_config: tls }]);
    for (const name of ['prometheus', 'alertmanager', 'grafana']) {
      const job = prometheus.scrape_configs.find((config: { job_name: string }) => config.job_name === name);
      expect(job).toMatchObject({ scheme: 'https', tls_config: tls });
    }
    const { datasources } = stack.file('config/grafana/provisioning/datasources/apictl.yaml');
    for (const source of datasources.slice(0, 2)) {
      expect(source).toMatchObject({
        url: expect.stringMatching(/^https:/),
        jsonData: { tlsAuthWithCACert: true, serverName: 'localhost' },
        secureJsonData: { tlsCACert: '$__file{/etc/apictl/certs/trust/ca.crt}' },
      });
    }
  });

  it('of Elasticsearch and Kibana are reached with it by everything that ships, sets up and draws, verified', () => {
    const stack = rendered(all);
    const environment = (service: string) => mapAt(stack.compose.services[service] ?? {}, 'environment');
    const authority = '/etc/apictl/certs/trust/ca.crt';
    const url = 'https://elasticsearch:9200';
    expect(environment('elasticsearch')).toMatchObject({
      'xpack.security.http.ssl.enabled': 'true',
      'xpack.security.http.ssl.certificate': '/usr/share/elasticsearch/config/certs/tls.crt',
    });
    expect(health(stack, 'elasticsearch')).toContain(`--cacert ${authority}`);
    expect(environment('elasticsearch-setup')).toMatchObject({
      ELASTICSEARCH_URL: url,
      CURL_CA_BUNDLE: authority,
    });
    expect(environment('kibana-setup')).toMatchObject({
      KIBANA_URL: 'https://kibana:5601',
      CURL_CA_BUNDLE: authority,
    });
    expect(environment('logging')).toMatchObject({
      LOGGING_ELASTICSEARCH_URL: url,
      NODE_EXTRA_CA_CERTS: authority,
    });
    expect(environment('logstash')).toMatchObject({ LOGSTASH_ELASTICSEARCH_URL: url });
    expect(environment('elasticsearch-exporter')).toMatchObject({ ES_URL: url, ES_CA: authority });
    expect(stack.file('config/kibana/kibana.yml')).toMatchObject({
      'server.publicBaseUrl': 'https://127.0.0.1:5601',
      'server.ssl.enabled': true,
      'server.ssl.certificate': '/etc/apictl/certs/kibana/tls.crt',
      'elasticsearch.hosts': [url],
      'elasticsearch.ssl.certificateAuthorities': authority,
    });
    const names = ['elasticsearch', 'elasticsearch-setup', 'kibana', 'kibana-setup', 'logging', 'logstash'];
    for (const name of [...names, 'elasticsearch-exporter', 'grafana', 'prometheus'])
      expect(stack.mounts(name), name).toContain('../secrets/certs/trust');
    const { datasources } = stack.file('config/grafana/provisioning/datasources/apictl.yaml');
    expect(datasources[2]).toMatchObject({ url, secureJsonData: { tlsCACert: `$__file{${authority}}` } });
  });

  it('of Elasticsearch and Kibana without it need no authority', () => {
    const plain = rendered({});
    const kibana = plain.file('config/kibana/kibana.yml');
    expect(kibana).toMatchObject({
      'server.ssl.enabled': false,
      'elasticsearch.hosts': ['http://elasticsearch:9200'],
    });
    expect(Object.keys(kibana)).not.toContain('elasticsearch.ssl.certificateAuthorities');
    const { datasources } = plain.file('config/grafana/provisioning/datasources/apictl.yaml');
    expect(datasources[2].secureJsonData).toEqual({
      basicAuthPassword: '$__file{/run/secrets/exporter-password}',
    });
  });

  it.each(['official', 'embedded'] as const)(
    'inside of the stack are verified by all that connect to PostgreSQL (%s)',
    (flavour) => {
      const { compose } = renderDefault(fragments, {
        flavour,
        config: configSchema.parse({ tls: { internal: true } }),
      });
      const {
        postgres,
        kong,
        'kong-migrations': migrations,
        'postgres-exporter': exporter,
      } = compose.services;
      expect(listAt(postgres ?? {}, 'command')).toContain('ssl=on');
      for (const service of [kong, migrations]) {
        expect(mapAt(service ?? {}, 'environment')).toMatchObject({
          KONG_PG_SSL: 'on',
          KONG_PG_SSL_VERIFY: 'on',
        });
      }
      expect(mapAt(exporter ?? {}, 'environment').DATA_SOURCE_URI).toContain('sslmode=verify-full');
      expect(JSON.stringify(renderDefault(fragments, { flavour }).compose)).not.toContain('ssl=on');
    },
  );

  it('of Elasticsearch speak TLS with tls.internal too', () => {
    const stack = renderDefault(fragments, {
      flavour: 'official',
      config: configSchema.parse({ tls: { internal: true } }),
    });
    expect(mapAt(stack.compose.services.logging ?? {}, 'environment')).toMatchObject({
      LOGGING_ELASTICSEARCH_URL: 'https://elasticsearch:9200',
    });
  });

  it('of Kong Manager and of the Admin API, which its page asks, go together', () => {
    expect(mapAt(rendered(all).compose.services.kong ?? {}, 'environment')).toMatchObject({
      KONG_ADMIN_GUI_LISTEN: '0.0.0.0:8002 ssl',
      KONG_ADMIN_GUI_URL: 'https://127.0.0.1:8002',
      KONG_ADMIN_GUI_API_URL: 'https://127.0.0.1:8444',
      KONG_ADMIN_GUI_SSL_CERT: '/etc/apictl/certs/manager/tls.crt',
    });
    expect(mapAt(rendered({}).compose.services.kong ?? {}, 'environment')).toMatchObject({
      KONG_ADMIN_GUI_LISTEN: '0.0.0.0:8002',
      KONG_ADMIN_GUI_API_URL: 'http://127.0.0.1:8001',
    });
  });
});
