import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { configSchema } from '../../../../src/config/schema.ts';
import { Secret } from '../../../../src/core/secret.ts';
import type { ComposeService } from '../../../../src/stack/render/compose-tree.ts';
import {
  type DigestContents,
  outsideMounts,
  stampDigests,
  stampStack,
} from '../../../../src/stack/render/digest.ts';
import { DIGEST_LABEL, RELOAD_LABEL } from '../../../../src/stack/render/labels.ts';
import { packagedFragments, renderDefault } from './matrix.ts';

const fragments = await packagedFragments();
const stack = renderDefault(fragments, { flavour: 'official' });

const contents: DigestContents = {
  key: new Secret('0123456789abcdef0123456789abcdef'),
  files: {
    '../secrets/certs/proxy/tls.crt': 'proxy certificate',
    '../secrets/certs/proxy/tls.key': 'proxy key',
    '../secrets/certs/admin/tls.crt': 'admin certificate',
    '../secrets/certs/trust/ca.crt': 'authority',
    '../secrets/certs/ca/tls.key': 'key of the authority',
  },
  secrets: {
    'postgres-password': new Secret('hunter2-postgres'),
    'logging-admin-token': new Secret('hunter2-logging'),
  },
  override: null,
  environment: {},
};

const digests = (changed: Partial<DigestContents> = {}, from = stack): Record<string, string> =>
  Object.fromEntries(
    Object.entries(stampStack(from, { ...contents, ...changed }).compose.services).map(([name, service]) => [
      name,
      service.labels[DIGEST_LABEL] ?? '',
    ]),
  );

/** The services whose digest differs from the one without the change. */
function recreatedBy(changed: Partial<DigestContents>, from = stack): string[] {
  const before = digests();
  return Object.entries(digests(changed, from))
    .filter(([name, digest]) => before[name] !== digest)
    .map(([name]) => name)
    .sort();
}

const withFile = (path: string, content: string) => ({ files: { ...contents.files, [path]: content } });

/** The stack after an edit of one rendered file. */
const edited = (path: string) => ({
  ...stack,
  files: stack.files.map((file) =>
    file.path === path ? { ...file, content: `${file.content}\n# edited` } : file,
  ),
});

describe('the digest of a service', () => {
  it('is the same for the same contents', () => {
    expect(digests()).toEqual(digests());
    expect(new Set(Object.values(digests())).size).toBe(Object.keys(stack.compose.services).length);
  });

  it('changes for the one service that mounts an edited file', () => {
    expect(recreatedBy({}, edited('config/prometheus/prometheus.yml'))).toEqual(['prometheus']);
    expect(recreatedBy({}, edited('config/prometheus/rules/gateway.yml'))).toEqual(['prometheus']);
    expect(recreatedBy({}, edited('config/kibana/kibana.yml'))).toEqual(['kibana']);
    expect(recreatedBy({}, edited('config/kibana/saved-objects/4-dashboard.ndjson'))).toEqual([
      'kibana-setup',
    ]);
    expect(recreatedBy({}, edited('config/elasticsearch/lifecycle.json'))).toEqual(['elasticsearch-setup']);
  });

  it('does not change for the services that read a renewed certificate while they run, but for all others that mount it', () => {
    const renewed = withFile('../secrets/certs/proxy/tls.crt', 'renewed');
    expect(recreatedBy(renewed)).toEqual([]);
    const { [RELOAD_LABEL]: _reload, ...labels } = stack.compose.services.kong?.labels ?? {};
    const kong = { ...stack.compose.services.kong, labels } as ComposeService;
    const compose = { ...stack.compose, services: { kong } };
    const digests = [contents, renewed].map(
      (given) => stampDigests(compose, { ...contents, ...given }).services.kong?.labels[DIGEST_LABEL],
    );
    expect(digests[0]).not.toBe(digests[1]);
  });

  it('changes with the version of Elastic’s images for their setup jobs, too, which then run again', () => {
    const config = configSchema.parse({ versions: { elastic: '8.19.21' } });
    expect(recreatedBy({}, renderDefault(fragments, { flavour: 'official', config }))).toEqual([
      ...['elasticsearch', 'elasticsearch-setup', 'kibana', 'kibana-setup', 'logstash'],
    ]);
  });

  it('does not depend on what nobody mounts: the key of the authority', () => {
    expect(recreatedBy(withFile('../secrets/certs/ca/tls.key', 'renewed'))).toEqual([]);
  });

  it('changes when a file is added to a mounted folder', () => {
    expect(recreatedBy(withFile('config/alertmanager/extra.tmpl', 'new'))).toEqual(['alertmanager']);
    expect(recreatedBy(withFile('config/alertmanager-other/extra.tmpl', 'new'))).toEqual([]);
  });

  it('changes for the services that are given a changed secret, but for those that take it while they run', () => {
    const secrets = { ...contents.secrets, 'postgres-password': new Secret('other') };
    expect(recreatedBy({ secrets })).toEqual(['kong-migrations', 'postgres-exporter']);
  });

  it('changes with the service itself, but not with the order in which it is written', () => {
    const { kong } = stack.compose.services;
    if (kong === undefined) throw new Error('the stack has no kong');
    const turned = Object.fromEntries(Object.entries(kong).reverse()) as typeof kong;
    const withKong = (service: typeof kong) => ({
      ...stack,
      compose: { ...stack.compose, services: { ...stack.compose.services, kong: service } },
    });
    expect(recreatedBy({}, withKong(turned))).toEqual([]);
    expect(recreatedBy({}, withKong({ ...kong, mem_limit: '2g' }))).toEqual(['kong']);
  });

  it('is keyed: without the key nobody can try passwords against a label', () => {
    expect(recreatedBy({ key: new Secret('another key') })).toEqual(
      Object.keys(stack.compose.services).sort(),
    );
  });

  it('is short hexadecimal and shows no secret', () => {
    for (const digest of Object.values(digests())) expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(stampStack(stack, contents))).not.toContain('hunter2');
  });

  it('is the same when a stamped file is stamped again', () => {
    const once = stampStack(stack, contents);
    expect(stampStack(once, contents).compose).toEqual(once.compose);
  });

  it('stands in the text of compose.yaml', () => {
    const stamped = stampStack(stack, contents);
    const text = stamped.files.find(({ path }) => path === 'compose.yaml')?.content;
    expect(parseYaml(text ?? '').services.kong.labels[DIGEST_LABEL]).toBe(
      stamped.compose.services.kong?.labels[DIGEST_LABEL],
    );
  });

  it('changes nothing but that label', () => {
    const { compose } = stack;
    for (const [name, service] of Object.entries(stampDigests(compose, contents).services)) {
      const { [DIGEST_LABEL]: _digest, ...labels } = service.labels;
      expect({ ...service, labels }).toEqual(compose.services[name]);
    }
  });
});

it('of Kibana does not change with its own certificate, which it reads again, but with the authority that it reads at its start', () => {
  const doors = { kibana: true, elasticsearch: true };
  const secure = renderDefault(fragments, {
    flavour: 'official',
    config: configSchema.parse({ tls: { doors } }),
  });
  const digest = (files: Readonly<Record<string, string>>) =>
    stampDigests(secure.compose, { ...contents, files }).services.kibana?.labels[DIGEST_LABEL];
  const before = { '../secrets/certs/kibana/tls.crt': 'one', '../secrets/certs/trust/ca.crt': 'one' };
  expect(digest({ ...before, '../secrets/certs/kibana/tls.crt': 'renewed' })).toBe(digest(before));
  expect(digest({ ...before, '../secrets/certs/trust/ca.crt': 'another' })).not.toBe(digest(before));
});

describe('the user’s override', () => {
  const before = { override: 'services:\n  kong:\n    mem_limit: 2g\n' };
  const recreatedFrom = (override: string, environment = {}) => {
    const old = digests(before);
    return Object.entries(digests({ override, environment }))
      .filter(([name, digest]) => old[name] !== digest)
      .map(([name]) => name);
  };

  it('recreates the service that an edit is about, and no other', () => {
    expect(recreatedFrom('services:\n  kong:\n    mem_limit: 3g\n')).toEqual(['kong']);
    expect(recreatedFrom(`${before.override}  grafana:\n    mem_limit: 1g\n`)).toEqual(['grafana']);
  });

  it('recreates nothing for a comment', () => {
    expect(recreatedFrom(`# mine\n${before.override}`)).toEqual([]);
  });

  it('recreates everything when something outside the services changes', () => {
    expect(recreatedFrom(`${before.override}networks:\n  kong-net:\n    internal: false\n`)).toHaveLength(
      Object.keys(stack.compose.services).length,
    );
  });

  it('recreates what names a variable when that variable changes', () => {
    const override = ['services:', '  kong:', '    mem_limit: $' + '{KONG_MEMORY:-2g}', ''].join('\n');
    const old = digests({ override, environment: { KONG_MEMORY: '2g', OTHER: 'a' } });
    const same = digests({ override, environment: { KONG_MEMORY: '2g', OTHER: 'b' } });
    const changed = digests({ override, environment: { KONG_MEMORY: '3g', OTHER: 'a' } });
    expect(same).toEqual(old);
    expect(Object.keys(old).filter((name) => old[name] !== changed[name])).toEqual(['kong']);
  });

  it('counts as a whole where a service extends another or where it is no map', () => {
    const all = Object.keys(stack.compose.services).length;
    expect(recreatedFrom('services:\n  kong:\n    extends:\n      service: grafana\n')).toHaveLength(all);
    expect(recreatedFrom('{ not: [closed')).toHaveLength(all);
  });
});

it('lists the mounted folders and files that are not rendered, so that they can be read', () => {
  expect(outsideMounts(stack.compose)).toEqual([
    '../secrets/certs/admin',
    '../secrets/certs/proxy',
    '../secrets/certs/trust',
  ]);
});
