import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Flavour, Profile } from '../../../../../src/config/choices.ts';
import { configSchema } from '../../../../../src/config/schema.ts';
import { Secret } from '../../../../../src/core/secret.ts';
import type { DigestContents } from '../../../../../src/stack/render/digest.ts';
import { DIGEST_LABEL } from '../../../../../src/stack/render/labels.ts';
import { renderStack } from '../../../../../src/stack/render/render-stack.ts';
import { type RenderedSwarm, renderSwarm } from '../../../../../src/stack/render/swarm/render-swarm.ts';
import type { SwarmService, SwarmTree } from '../../../../../src/stack/render/swarm/swarm-tree.ts';
import { AWKWARD_TEXT, localImages, packagedFragments } from '../matrix.ts';

const fragments = await packagedFragments();

const CONTENTS: DigestContents = {
  key: new Secret('0123456789abcdef'),
  files: {
    '../secrets/certs/proxy/tls.crt': 'certificate of the proxy',
    '../secrets/certs/proxy/tls.key': 'key of the proxy',
    '../secrets/certs/proxy/.pair/tls.key': 'key of the proxy',
    '../secrets/certs/admin/tls.crt': 'certificate of the Admin API',
    '../secrets/certs/admin/tls.key': 'key of the Admin API',
    '../secrets/certs/trust/ca.crt': 'authority',
  },
  secrets: { 'postgres-password': new Secret('geheim'), 'django-secret-key': new Secret('auch geheim') },
  override: null,
  environment: {},
};

interface Rendering {
  readonly config?: z.input<typeof configSchema>;
  readonly flavour?: Flavour;
  readonly profiles?: readonly Profile[];
  readonly contents?: Partial<DigestContents>;
}

function rendered({
  config = {},
  flavour = 'embedded',
  profiles = ['core', 'monitoring', 'elk'],
  contents,
}: Rendering = {}): RenderedSwarm {
  const parsed = configSchema.parse(config);
  const stack = renderStack({
    target: 'swarm',
    config: parsed,
    flavour,
    profiles,
    engineApiVersion: '1.41',
    images: localImages,
    fragments,
  });
  return renderSwarm(stack, parsed.backends.replicas, { ...CONTENTS, ...contents });
}

const treeOf = (rendering?: Rendering): SwarmTree => rendered(rendering).tree;

function serviceOf(tree: SwarmTree, name: string): SwarmService {
  const service = tree.services[name];
  if (service === undefined) throw new Error(`${name} is not rendered`);
  return service;
}

const digestsOf = ({ services }: SwarmTree): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(services).map(([name, { deploy }]) => [name, deploy.labels[DIGEST_LABEL]]),
  );

/** The services whose digest differs. */
function changed(before: SwarmTree, after: SwarmTree): string[] {
  const [old, now] = [digestsOf(before), digestsOf(after)];
  return Object.keys(now).filter((name) => old[name] !== now[name]);
}

describe('the stack file for Swarm', () => {
  it('is written as what it was rendered to, with its configuration beside that of Compose', () => {
    const { tree, files } = rendered();
    expect(files[0]?.path).toBe('swarm.yaml');
    expect(load(files[0]?.content ?? '')).toEqual(JSON.parse(JSON.stringify(tree)));
    expect(files.slice(1).every(({ path }) => path.startsWith('swarm/'))).toBe(true);
    for (const { file } of Object.values(tree.configs).filter(({ file }) => file.startsWith('./'))) {
      expect(files.map(({ path }) => `./${path}`)).toContain(file);
    }
  });

  it.each(['embedded', 'official'] as const)(
    'has nothing that Swarm refuses, ignores or drops (%s)',
    (flavour) => {
      const refused = [
        'build',
        'pull_policy',
        'restart',
        'depends_on',
        'security_opt',
        'network_mode',
        'pid',
        'tmpfs',
      ];
      const limits = ['mem_limit', 'pids_limit', 'cpus', 'shm_size', 'container_name', 'profiles'];
      for (const service of Object.values(treeOf({ flavour }).services)) {
        expect(Object.keys(service).filter((key) => [...refused, ...limits].includes(key))).toEqual([]);
        expect(service.deploy.resources).toMatchObject({
          limits: { memory: expect.any(String), pids: expect.any(Number) },
        });
      }
    },
  );

  it('publishes the gateway’s two doors and nothing else, where the client’s address reaches them', () => {
    const published = Object.entries(treeOf({ flavour: 'official' }).services).flatMap(([name, { ports }]) =>
      ports === undefined ? [] : [[name, ports]],
    );
    expect(published).toEqual([
      [
        'kong',
        [
          { target: 8000, published: 8000, protocol: 'tcp', mode: 'host' },
          { target: 8443, published: 8443, protocol: 'tcp', mode: 'host' },
        ],
      ],
    ]);
  });

  it('has the Admin API on the gateway’s loopback, and no network for it', () => {
    const tree = treeOf();
    expect(serviceOf(tree, 'kong')).toMatchObject({
      networks: ['kong-net'],
      extra_hosts: ['kong-admin:127.0.0.1'],
    });
    expect(tree.networks).toEqual({ 'kong-net': { driver: 'overlay', driver_opts: { encrypted: 'true' } } });
  });

  it('has one service of replicas that are replaced one by one, and one task of everything else beside its data', () => {
    const tree = treeOf({ config: { backends: { replicas: 4 } } });
    const backend = serviceOf(tree, 'backend');
    expect(backend.environment).toMatchObject({ INSTANCE_NAME: 'backend-{{.Task.Slot}}' });
    expect(backend.deploy).toMatchObject({
      replicas: 4,
      endpoint_mode: 'dnsrr',
      update_config: { parallelism: 1, order: 'start-first', failure_action: 'rollback' },
    });
    expect(backend.deploy.placement).toBeUndefined();
    expect(serviceOf(tree, 'postgres').deploy).toMatchObject({
      replicas: 1,
      placement: { constraints: ['node.labels.io.apictl.data == true'] },
      update_config: { order: 'stop-first', failure_action: 'rollback' },
      restart_policy: { condition: 'any' },
    });
  });

  it('starts a job again only where it failed, and takes its end for no failure of an update', () => {
    expect(serviceOf(treeOf(), 'kong-migrations').deploy).toMatchObject({
      restart_policy: { condition: 'on-failure', max_attempts: 5 },
      update_config: { failure_action: 'continue' },
    });
  });

  it.each(['embedded', 'official'] as const)('lets who starts too early wait by itself (%s)', (flavour) => {
    const script = (name: string) => String(serviceOf(treeOf({ flavour }), name).command);
    expect(script('kong-migrations')).toMatch(/^until .*\/dev\/tcp\/postgres\/5432.*\ntest -s /);
    expect(script('kong')).toMatch(
      /^until \[ -w \/var\/log\/kong \][^\n]*\nuntil [^\n]*5432[^\n]*\nuntil [^\n]*migrations list[^\n]*\ntest -s /,
    );
  });

  it('keeps health checks, hands memory over in the long form, and sees volumes as Compose does', () => {
    const tree = treeOf({ config: { project: 'shop' } });
    const postgres = serviceOf(tree, 'postgres');
    expect(postgres.healthcheck).toMatchObject({ test: expect.arrayContaining(['pg_isready']) });
    expect(postgres.volumes).toEqual([
      { type: 'volume', source: 'postgres-data-17-embedded', target: '/var/lib/postgresql/data' },
      { type: 'tmpfs', target: '/tmp' },
      { type: 'tmpfs', target: '/var/run/postgresql' },
      { type: 'tmpfs', target: '/dev/shm', tmpfs: { size: 128 * 1024 ** 2 } },
    ]);
    expect(tree.volumes['postgres-data-17-embedded']).toEqual({
      name: 'shop_postgres-data-17-embedded',
      labels: {
        'com.docker.compose.project': 'shop',
        'com.docker.compose.volume': 'postgres-data-17-embedded',
      },
    });
  });

  it('brings text of the user to a container as it is, also what Swarm would take for its template', () => {
    const { environment } = serviceOf(
      treeOf({ config: { backends: { environment: AWKWARD_TEXT } } }),
      'backend',
    );
    expect(environment).toMatchObject({
      TEMPLATE: '{{"{{"}} ports.proxy }} {{"{{"}} .Go }} {{"{{"}} $$labels.x }}',
    });
  });

  it('leaves out what does not go, and says why', () => {
    const { services, tree } = rendered({ flavour: 'official' });
    const leftOut = services.filter(({ kind }) => kind === 'left out');
    expect(leftOut.map(({ service }) => service).sort()).toEqual([
      ...['cadvisor', 'elasticsearch', 'elasticsearch-exporter', 'elasticsearch-setup'],
      ...['kibana', 'kibana-setup', 'logstash', 'node-exporter'],
    ]);
    expect(leftOut.every(({ why }) => why.length > 20)).toBe(true);
    expect(Object.keys(tree.services)).not.toContain('elasticsearch');
    expect(services.filter(({ service }) => service.startsWith('backend'))).toHaveLength(1);
  });

  it('lets Prometheus look the replicas up, and look for nothing that is not there', () => {
    const { files } = rendered();
    const text = files.find(({ path }) => path === 'swarm/prometheus/prometheus.yml')?.content ?? '';
    const { scrape_configs } = load(text) as { scrape_configs: Record<string, unknown>[] };
    expect(scrape_configs.find(({ job_name }) => job_name === 'backends')).toEqual({
      job_name: 'backends',
      metrics_path: '/metrics',
      dns_sd_configs: [{ names: ['backend'], type: 'A', port: 8000 }],
    });
    expect(scrape_configs.map(({ job_name }) => job_name)).not.toContain('node');
  });
});

describe('secrets and configs', () => {
  it('are real secrets for passwords and private keys, and configs for the rest', () => {
    const tree = treeOf({ profiles: ['core'] });
    expect(serviceOf(tree, 'kong')).toMatchObject({
      secrets: [
        { source: 'postgres-password', target: 'postgres-password' },
        { source: 'certs-proxy-tls.key', target: '/etc/apictl/certs/proxy/tls.key' },
        { source: 'certs-admin-tls.key', target: '/etc/apictl/certs/admin/tls.key' },
      ],
      configs: [
        { source: 'certs-proxy-tls.crt', target: '/etc/apictl/certs/proxy/tls.crt' },
        { source: 'certs-admin-tls.crt', target: '/etc/apictl/certs/admin/tls.crt' },
      ],
    });
    expect(Object.keys(tree.secrets).sort()).toEqual([
      ...['certs-admin-tls.key', 'certs-proxy-tls.key', 'django-secret-key'],
      ...['logging-admin-token', 'postgres-password'],
    ]);
    expect(tree.secrets['certs-proxy-tls.key']?.file).toBe('../secrets/certs/proxy/tls.key');
  });

  it('have a name for each content, and change the services that use them and no other', () => {
    const before = treeOf();
    const secrets = { ...CONTENTS.secrets, 'django-secret-key': new Secret('ein anderes') };
    const after = treeOf({ contents: { secrets } });
    expect(after.secrets['django-secret-key']?.name).not.toBe(before.secrets['django-secret-key']?.name);
    expect(after.secrets['postgres-password']).toEqual(before.secrets['postgres-password']);
    expect(changed(before, after)).toEqual(['backend']);
    const files = { ...CONTENTS.files, '../secrets/certs/proxy/tls.key': 'another key' };
    expect(changed(before, treeOf({ contents: { files } }))).toEqual(['kong']);
    expect(changed(before, treeOf())).toEqual([]);
  });

  it('have names that do not say what is in them to whoever lacks the key', () => {
    const nameWith = (key: string) =>
      treeOf({ contents: { key: new Secret(key) } }).secrets['postgres-password']?.name;
    expect(nameWith('one key of sixteen')).not.toBe(nameWith('another of sixteen'));
    expect(rendered().files[0]?.content).not.toContain('geheim');
  });

  it('have names that the engine takes, however long the project’s is', () => {
    const tree = treeOf({ config: { project: `p${'x'.repeat(40)}` } });
    const names = [...Object.values(tree.secrets), ...Object.values(tree.configs)].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(64);
  });
});
