import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { flatten } from '../../../../src/kong/format/flatten.ts';
import { problemLine, readDeclaration } from '../../../../src/kong/format/read.ts';
import { revealed } from '../../../../src/kong/model/value.ts';
import { seedPlan } from '../../../../src/kong/seed.ts';
import { fakeKong } from '../../../fakes/fake-kong.ts';
import { declaring, failure, seed, seedInput } from '../../../fakes/seed-run.ts';

const sources = (environment: Record<string, string> = {}, secrets: Record<string, string> = {}) => ({
  environment,
  secret: async (name: string) => {
    const value = secrets[name];
    return value === undefined ? undefined : new Secret(value);
  },
});

async function problemsOf(text: string, from = sources()): Promise<string[]> {
  const read = await readDeclaration({ path: 'k.yaml', text }, from);
  if (!read.ok) return read.problems.map(problemLine);
  return flatten([read.file]).problems.map(problemLine);
}

async function declaredIn(text: string, from = sources()) {
  const read = await readDeclaration({ path: 'k.yaml', text: declaring(text) }, from);
  if (!read.ok) throw new Error(read.problems.map(problemLine).join('\n'));
  return flatten([read.file]).declared;
}

describe('a file that is wrong', () => {
  it('is told with the line of every problem, all in one pass', async () => {
    const text = `_format_version: "3.0"
services:
  - name: s
    hots: h
    port: "80"
    routes:
      - name: r
        paths: /r
        plugins:
          - config: {}
upstream: []
`;
    expect((await problemsOf(text)).sort()).toEqual([
      'k.yaml:10: services[0].routes[0].plugins[0].name: a plugin needs its name, written out',
      'k.yaml:11: upstream: no such key; did you mean upstreams?',
      'k.yaml:4: services[0].hots: no such key; did you mean host?',
      'k.yaml:5: services[0].port: must be a number',
      'k.yaml:8: services[0].routes[0].paths: must be a list',
    ]);
  });

  it.each([
    ['broken YAML', '_format_version: "3.0"\nservices: [\n', /^k\.yaml:\d+: /],
    [
      'lists in lists without an end',
      `_format_version: "3.0"\nplugins: ${'['.repeat(30_000)}`,
      /^k\.yaml:2: is nested more than 100 levels deep$/,
    ],
    [
      'a key twice',
      '_format_version: "3.0"\nplugins: []\nplugins: []\n',
      /^k\.yaml:3: the key plugins is there twice, first in line 2$/,
    ],
    [
      'a key twice in a map on one line, and one in quotes',
      '_format_version: "3.0"\nservices:\n  - { name: s, host: a, host: b }\n  - "name": t\n    name: u\n',
      /^k\.yaml:3: the key host is there twice, first in line 3\nk\.yaml:5: the key name is there twice, first in line 4$/,
    ],
    ['an older format', '_format_version: "1.1"\n', /^k\.yaml:1: _format_version: must be "3\.0"/],
    ['no format', 'services: []\n', /_format_version: must be "3\.0"/],
    ['no map', '- a\n', /must be a map/],
    ['two documents', '_format_version: "3.0"\n---\na: 1\n', /^k\.yaml:\d+: there is a second document/],
    [
      'a service without a name',
      '_format_version: "3.0"\nservices:\n  - host: h\n',
      /^k\.yaml:3: a service needs name/,
    ],
    [
      'an id that is none',
      '_format_version: "3.0"\nservices:\n  - { name: s, id: x }\n',
      /^k\.yaml:3: s: id must be a UUID/,
    ],
    [
      'a url that is none',
      '_format_version: "3.0"\nservices:\n  - name: s\n    url: not a url\n',
      /^k\.yaml:4: services: url is not an address/,
    ],
    [
      'a target without an upstream',
      '_format_version: "3.0"\ntargets:\n  - target: a:1\n',
      /^k\.yaml:3: target a:1 needs its upstream/,
    ],
    [
      'a consumer group without a name, a member without one',
      '_format_version: "3.0"\nconsumers:\n  - { username: c, groups: [{ tags: [t] }] }\nconsumer_groups:\n  - { name: g, consumers: [{}] }\n',
      /^k\.yaml:3: a group needs name or id\nk\.yaml:5: a member needs username, custom_id or id$/,
    ],
    [
      'an alias of nothing, and one of what it is in',
      '_format_version: "3.0"\nservices: &all\n  - <<: *nope\n    routes: *all\n',
      /^k\.yaml:3: there is no anchor &nope above\nk\.yaml:4: \*all stands inside of what it names$/,
    ],
    [
      'a merge of what is no map',
      '_format_version: "3.0"\nservices:\n  - <<: [1]\n    name: s\n',
      /^k\.yaml:3: << takes a map, or aliases of maps$/,
    ],
    [
      'aliases that stand for billions',
      `_format_version: "3.0"\n_plugin_configs:\n  a: &a { x: [1] }\n${'abcdefghij'
        .split('')
        .map((name, index, all) => {
          const before = all[index - 1];
          return before === undefined
            ? ''
            : `  ${name}: &${name} { x: [${new Array(9).fill(`*${before}`).join(', ')}] }\n`;
        })
        .join('')}`,
      /^k\.yaml: its aliases stand for more than 1000000 values$/,
    ],
    [
      'tags of other programs, and a text in the place of a map',
      '_format_version: "3.0"\nservices:\n  - !js { name: s }\n',
      /^k\.yaml:3: Unresolved tag: !js$/,
    ],
    [
      'a text in the place of a map',
      '_format_version: "3.0"\nservices: [s]\n',
      /^k\.yaml:2: services\[0\]: must be a map$/,
    ],
    [
      'an unknown _config',
      '_format_version: "3.0"\nplugins:\n  - { name: p, _config: nope }\n',
      /^k\.yaml:3: _plugin_configs has no nope/,
    ],
  ])('%s', async (_name, text, problem) => {
    expect((await problemsOf(text)).join('\n')).toMatch(problem);
  });

  it('refers to what is not there, or declares the same twice: told with both lines', async () => {
    const lost = declaring('routes:\n  - { name: r, paths: [/], service: nope }\n');
    const twice = declaring('services:\n  - { name: s, host: a }\n  - { name: s, host: b }\n');
    const error = async (text: string) => (await failure(seedPlan(seedInput(fakeKong(), text)))).details;
    expect(await error(lost)).toEqual([
      'kong/kong.yaml:3: route r refers to service nope, which the file does not declare',
    ]);
    expect(await error(twice)).toEqual([
      'kong/kong.yaml:4: service s is declared twice, also in kong/kong.yaml:3',
    ]);
  });

  it('gives two entities what only one can have in Kong: told with both lines, and nothing is written', async () => {
    const kong = fakeKong();
    await seed(kong, declaring('consumers: [{ username: a, custom_id: "1" }]'));
    kong.forgetRequests();
    const text = declaring(`consumers:
  - { username: a, custom_id: "1" }
  - { username: b, custom_id: "1", keyauth_credentials: [{ key: same-key }] }
  - { username: c, keyauth_credentials: [{ key: same-key }] }
plugins:
  - { name: cors, instance_name: one }
  - { name: correlation-id, instance_name: one }
`);
    const error = await failure(seed(kong, text));
    expect(error.details).toEqual([
      'kong/kong.yaml:4: consumer b has the custom_id of another one, also in kong/kong.yaml:3',
      'kong/kong.yaml:5: key-auth c #1 has the key of another one, also in kong/kong.yaml:4',
      'kong/kong.yaml:8: plugin correlation-id has the instance_name of another one, also in kong/kong.yaml:7',
    ]);
    expect(kong.writes()).toEqual([]);
  });
});

describe('the format of decK', () => {
  it.each([
    ['http://h', 'http', 'h', 80, null],
    ['https://h.test/', 'https', 'h.test', 443, '/'],
    ['grpc://h.test:50051', 'grpc', 'h.test', 50_051, null],
    ['grpcs://h.test', 'grpcs', 'h.test', 443, null],
    ['http://[::1]:8000/a', 'http', '::1', 8000, '/a'],
  ])('takes the shorthand url apart as Kong does: %s', async (url, protocol, host, port, path) => {
    const [service] = await declaredIn(`services: [{ name: s, url: "${url}" }]`);
    expect(service?.fields).toEqual({ name: 's', protocol, host, port, path });
  });

  it('nests routes, plugins, targets, credentials, SNIs; refers by name; shares configurations and defaults', async () => {
    const declared = await declaredIn(`
_info:
  defaults: { service: { retries: 2 }, route: { strip_path: false } }
_plugin_configs: { slow: { minute: 5, policy: local } }
services:
  - name: s
    url: http://h:8000/base
    plugins: [{ name: rate-limiting, _config: slow, config: { minute: 6 } }]
    routes: [{ name: r, paths: [/r], plugins: [{ name: key-auth }] }]
routes: [{ name: free, hosts: [h.test], service: { name: s }, strip_path: true }]
upstreams: [{ name: u, targets: [{ target: a.test }, { target: "[::1]" }] }]
consumers:
  - username: c
    acls: [{ group: gold }]
    jwt_secrets: [{ key: k, secret: x }]
    plugins: [{ name: request-termination }]
certificates: [{ cert: C, key: K, snis: [{ name: a.test }, { name: b.test }] }]
plugins: [{ name: cors, service: s, route: r }]`);
    const find = (kind: string, name: string) =>
      declared.find((one) => one.kind === kind && one.name === name);
    expect(find('service', 's')?.fields).toEqual({
      retries: 2,
      name: 's',
      protocol: 'http',
      host: 'h',
      port: 8000,
      path: '/base',
    });
    expect(find('plugin', 'rate-limiting on service s')?.fields.config).toEqual({
      minute: 6,
      policy: 'local',
    });
    expect(find('plugin', 'key-auth on route r')?.references).toEqual({ route: { kind: 'route', key: 'r' } });
    expect(find('plugin', 'cors on service s and route r')).toBeDefined();
    expect(find('route', 'free')).toMatchObject({
      fields: { strip_path: true },
      references: { service: { key: 's' } },
    });
    expect(find('target', 'a.test:8000 of u')).toBeDefined();
    expect(find('target', '[0000:0000:0000:0000:0000:0000:0000:0001]:8000 of u')).toBeDefined();
    expect(find('acl', 'gold of c')).toBeDefined();
    expect(find('jwt', 'c #1')).toBeDefined();
    expect(find('plugin', 'request-termination on consumer c')).toBeDefined();
    expect(find('sni', 'b.test')?.references).toEqual({
      certificate: { kind: 'certificate', key: 'a.test b.test' },
    });
  });

  it('select tags are put on everything and narrow what is ours', async () => {
    const kong = fakeKong();
    const file = (tag: string, name: string) =>
      declaring(`_info: { select_tags: [${tag}] }\nservices: [{ name: ${name}, host: h }]`);
    await seed(kong, file('team-a', 'a'));
    await seed(kong, file('team-b', 'b'));
    expect(kong.entities('services').map(({ name }) => name)).toEqual(['a', 'b']);
    expect(kong.entities('services')[0]?.tags).toContain('team-a');
  });

  it('several files are one declaration', async () => {
    const kong = fakeKong();
    const files = [
      { path: 'a.yaml', text: declaring('services: [{ name: s, host: h }]') },
      { path: 'b.yaml', text: declaring('routes: [{ name: r, paths: [/r], service: s }]') },
    ];
    await seed(kong, '', { files });
    expect(kong.entities('routes')).toHaveLength(1);
  });

  it('takes one anchor more than a thousand times', async () => {
    const routes = Array.from(
      { length: 1200 },
      (_, n) => `{ name: r${n}, paths: [/r${n}], plugins: *shared }`,
    );
    const declared = await declaredIn(
      `plugins: []\nroutes: [{ name: first, paths: [/], plugins: &shared [{ name: cors }] }, ${routes.join(', ')}]`,
    );
    expect(declared).toHaveLength(2 * 1201);
    expect(declared.at(-1)?.place.line).toBe(3);
    const mistaken = `_format_version: "3.0"\nroutes: [{ plugins: &shared [{ name: cors }] }, ${routes.join(', ')}]\nnope: 1\n`;
    expect(await problemsOf(mistaken)).toEqual(['k.yaml:3: nope: no such key']);
  });

  it('aliases and merge keys work', async () => {
    const declared = await declaredIn(`
services:
  - &base { name: one, host: h, retries: 1 }
  - { <<: *base, name: two }`);
    expect(declared.map(({ fields }) => fields)).toEqual([
      { name: 'one', host: 'h', retries: 1 },
      { name: 'two', host: 'h', retries: 1 },
    ]);
  });
});

describe('placeholders', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the braces are the syntax
  it.each([
    ['plain', 'host: ${{ env "HOST" }}'],
    ['in double quotes, as decK has it', 'host: "${{ env "HOST" }}"'],
    ['in single quotes', 'host: \'${{ env "HOST" }}\''],
    ['inside a text', 'host: ${{ env "SUB" }}.test'],
    ['with a default', 'host: ${{ env "NOT_SET" | default "api.test" }}'],
    ['of a secret', "host: ${{ secret 'host' }}"],
  ])('%s', async (_name, line) => {
    const from = sources({ HOST: 'api.test', SUB: 'api' }, { host: 'api.test' });
    const [service] = await declaredIn(`services:\n  - name: s\n    ${line}`, from);
    expect(revealed(service?.fields.host ?? null)).toBe('api.test');
  });

  it('a value cannot break out of its place', async () => {
    const evil = 'x"\n  - name: injected\n    host: evil # \'';
    const declared = await declaredIn(
      'services:\n  - name: s\n    host: "${{ env "X" }}"',
      sources({ X: evil }),
    );
    expect(declared).toHaveLength(1);
    expect(revealed(declared[0]?.fields.host ?? null)).toBe(evil);
  });

  it('become the number or the boolean that Kong wants', async () => {
    const kong = fakeKong();
    const text = declaring(
      'services: [{ name: s, host: h, port: ${{ env "PORT" }}, enabled: ${{ env "ON" }}, retries: ${{ env "TRIES" | toInt }} }]',
    );
    const placeholders = sources({ PORT: '8080', ON: 'false', TRIES: '3' });
    await seed(kong, text, { placeholders });
    expect(kong.entities('services')).toMatchObject([{ port: 8080, enabled: false, retries: 3 }]);
    expect((await seed(kong, text, { placeholders })).plan.changes).toEqual([]);
  });

  it('without a value are told with their line; in a comment they mean nothing', async () => {
    const text = declaring(
      '# ${{ env "COMMENTED" }}\nservices:\n  - name: s\n    host: ${{ env "NOPE" }}\n    path: ${{ secret "nope" }}\n',
    );
    expect(await problemsOf(text)).toEqual([
      'k.yaml:5: the environment variable NOPE is not set',
      'k.yaml:6: there is no secret nope',
    ]);
  });

  it('that are no placeholders are told', async () => {
    const text = (inside: string) => declaring(`services:\n  - name: s\n    host: \${{ ${inside} }}\n`);
    expect((await problemsOf(text('HOST'))).join()).toMatch(/^k\.yaml:4: a placeholder is /);
    expect((await problemsOf(text('env "A" | upper'))).join()).toMatch(/no function upper/);
  });

  it('a missing secret alone is exit code 7', async () => {
    const text = declaring(
      'consumers: [{ username: c, keyauth_credentials: [{ key: ${{ secret "nope" }} }] }]',
    );
    expect(await failure(seedPlan(seedInput(fakeKong(), text)))).toMatchObject({
      code: 'SECRET_MISSING',
      exitCode: 7,
    });
  });

  it('are never seen: not in a plan, its JSON, its differences, before or after', async () => {
    const kong = fakeKong();
    const text = (suffix: string) =>
      declaring(`
consumers: [{ username: c, keyauth_credentials: [{ key: \${{ secret "key" }} }], basicauth_credentials: [{ username: u, password: \${{ env "PW" }} }] }]
services: [{ name: s, host: \${{ env "HOST" }} }]
plugins:
  - name: request-transformer
    config: { add: { headers: ["x-note:${suffix}", "Authorization: Bearer \${{ secret "token" }}"] } }
  - { name: http-log, config: { http_endpoint: "https://user:\${{ secret "token" }}@log.test/${suffix}" } }`);
    const old = { key: 'OLD-key-1234', token: 'OLD-token-1234' };
    const fresh = { key: 'NEW-key-1234', token: 'NEW-token-1234' };
    await seed(kong, text('one'), {
      placeholders: sources({ PW: 'OLD-pw-123', HOST: 'OLD-host.test' }, old),
    });
    const plan = await seedPlan(
      seedInput(kong, text('two'), {
        placeholders: sources({ PW: 'NEW-pw-123', HOST: 'NEW-host.test' }, fresh),
      }),
    );
    expect(plan.changes).toHaveLength(5);
    for (const seen of [JSON.stringify(plan), inspect(plan, { depth: 20 }), String(plan.changes)]) {
      expect(seen).not.toMatch(/(OLD|NEW)-(key|token|pw|host)/);
    }
    const change = plan.changes.find(({ kind }) => kind === 'key-auth');
    expect(change?.fields.key?.from).toMatch(/^\[secret\] #[0-9a-f]{8}$/);
    expect(change?.fields.key?.to).not.toBe(change?.fields.key?.from);
  });

  it('are never seen as names either: of entities, of what lies in them, of what they refer to', async () => {
    const kong = fakeKong();
    const text = (more: string) =>
      declaring(`
_info: { select_tags: ['\${{ env "WORD" }}-tag'] }
services:
  - name: '\${{ env "WORD" }}-service'
    host: h
    routes: [{ name: '\${{ env "WORD" }}-route', paths: [/r], plugins: [{ name: cors }] }]
consumers: [{ username: '\${{ env "WORD" }}-consumer', acls: [{ group: '\${{ env "WORD" }}-group' }], keyauth_credentials: [{ key: k }] }]
upstreams: [{ name: '\${{ env "WORD" }}-upstream', targets: [{ target: '\${{ env "WORD" }}-target:1' }] }]
plugins:
  - { name: rate-limiting, service: { name: '\${{ env "WORD" }}-service' }, config: { minute: 5 } }
  - { name: cors, consumer: '\${{ env "WORD" }}-consumer' }
${more}`);
    const placeholders = sources({ WORD: 'hidden' });
    const shown: string[] = [];
    const first = await seed(kong, text(''), { placeholders });
    shown.push(JSON.stringify(first.plan.changes), inspect(first.plan, { depth: 10 }));
    expect(
      first.plan.changes.map(({ kind, name }) => `${kind} ${name.replaceAll(/#[0-9a-f]{8}/g, '#')}`),
    ).toEqual([
      'consumer [secret] #',
      'upstream [secret] #',
      'service [secret] #',
      'target [secret] # of [secret] #',
      'key-auth [secret] # #1',
      'acl [secret] # of [secret] #',
      'route [secret] #',
      'plugin cors on route [secret] #',
      'plugin rate-limiting on service [secret] #',
      'plugin cors on consumer [secret] #',
    ]);
    expect((await seed(kong, text(''), { placeholders })).plan.changes).toEqual([]);
    const lost = await failure(
      seed(kong, text('  - { name: cors, route: \'${{ env "WORD" }}-nowhere\' }'), { placeholders }),
    );
    shown.push(...lost.details);
    expect(lost.details[0]).toMatch(
      / refers to route \[secret\] #[0-9a-f]{8}, which the file does not declare$/,
    );
    const fewer = await seedPlan(
      seedInput(kong, declaring('services: [{ name: \'${{ env "WORD" }}-upstream\', host: h }]'), {
        placeholders,
      }),
    );
    expect(fewer.changes.map(({ name }) => name)).not.toContain('hidden-upstream');
    for (const line of shown) expect(line).not.toContain('hidden');
  });

  it('written in clear are masked all the same where Kong’s schemas call them secrets: in plans and in refusals', async () => {
    const kong = fakeKong();
    const text = declaring(`
consumers:
  - username: c
    keyauth_credentials: [{ key: clear-key-of-c }]
    basicauth_credentials: [{ username: u, password: clear-password }]
plugins: [{ name: rate-limiting, config: { minute: 5, redis: { host: r.test, password: clear-of-redis } } }]`);
    const created = JSON.stringify((await seedPlan(seedInput(kong, text))).changes);
    expect(created).toContain('"password":{"from":null,"to":"[secret] #');
    expect(created).toContain('r.test');
    kong.verdict = (_entity, body) => `this will not do: ${JSON.stringify(body)}`;
    const { details } = await failure(seedPlan(seedInput(kong, text)));
    expect(details.length).toBeGreaterThan(3);
    for (const shown of [created, details.join('\n')]) expect(shown).not.toMatch(/clear-/);
  });

  it('taken out of the file leave nothing readable in the difference', async () => {
    const kong = fakeKong();
    const file = (line: string) =>
      declaring(`plugins: [{ name: request-transformer, config: { add: { headers: [${line}] } } }]`);
    const placeholders = sources({}, { t: 'LEAKED-token' });
    await seed(kong, file('"Authorization: Bearer ${{ secret "t" }}"'), { placeholders });
    const plan = await seedPlan(seedInput(kong, file('"x-plain:1"'), { placeholders }));
    expect(plan.changes).toHaveLength(1);
    expect(JSON.stringify(plan.changes)).not.toContain('LEAKED');
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the braces are the syntax
});
