import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rsaPair } from '../../services/dev-gateway/test/certificates.ts';
import { addressOf, startTestGateway } from '../../services/dev-gateway/test/gateway.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import { seedDump } from '../../src/kong/dump.ts';
import { applySeed, type SeedInput, seedPlan } from '../../src/kong/seed.ts';
import { declaring } from '../fakes/seed-run.ts';

/** Files as decK writes them (every default written out, alphabetical, secrets by `env`), and dumps as decK reads them. */

const WRITTEN_BY_DECK = readFileSync(new URL('../fixtures/deck/kong.yaml', import.meta.url), 'utf8');

let http: HttpAdapter;
let environment: Record<string, string>;
let url: string;

beforeAll(async () => {
  http = createHttp();
  const { cert, key } = await rsaPair('deck.example.test');
  environment = {
    DECK_CERT: cert,
    DECK_CERT_KEY: key,
    DECK_JWT_SECRET: 's3cret-of-jwt',
    DECK_ALICE_KEY: 'k3y-of-alice',
  };
});

afterAll(() => http.close());

beforeEach(async () => {
  const gateway = await startTestGateway();
  url = addressOf(gateway.admin);
  return () => gateway.stop();
});

const inputOf = (text: string, variables: Record<string, string> = environment): SeedInput => ({
  http,
  clock: systemClock,
  admin: { url },
  files: [{ path: 'kong.yaml', text }],
  project: 'apictl',
  placeholders: { environment: variables, secret: async () => undefined },
});

async function seed(text: string) {
  const input = inputOf(text);
  const plan = await seedPlan(input);
  await applySeed({ ...input, plan, emit: () => {} });
  return plan;
}

describe('a file of decK', () => {
  it('is applied as it is, and its written out defaults are no difference', async () => {
    const { changes } = await seed(WRITTEN_BY_DECK);
    expect(changes).toHaveLength(16);
    expect((await seedPlan(inputOf(WRITTEN_BY_DECK))).changes).toEqual([]);
  });
});

describe('a dump', () => {
  it('of everything is read again as no difference, certificates and keys of several lines too', async () => {
    await seed(WRITTEN_BY_DECK);
    const dump = await seedDump({ ...inputOf(''), reveal: false });
    expect([...dump.variables].sort()).toEqual(
      [
        'DECK_CERTIFICATE_7FCA84D6_7D37_4A74_A7B0_93E576089A41_KEY',
        'DECK_JWT_ALICE_SECRET',
        'DECK_KEY_AUTH_ALICE_KEY',
      ].sort(),
    );
    const variables = Object.fromEntries(
      dump.variables.map((name) => [
        name,
        (name.startsWith('DECK_CERT')
          ? environment.DECK_CERT_KEY
          : name.startsWith('DECK_JWT')
            ? environment.DECK_JWT_SECRET
            : environment.DECK_ALICE_KEY) ?? '',
      ]),
    );
    expect((await seedPlan(inputOf(dump.text, variables))).changes).toEqual([]);
  });

  it('has what decK asks for, and nothing in a form that decK does not take', async () => {
    await seed(WRITTEN_BY_DECK);
    await seed(`${WRITTEN_BY_DECK}- name: other.test\n`);
    const { text } = await seedDump(inputOf(''));
    const dumped = parse(text);
    expect(Object.keys(dumped).sort()).toEqual(
      ['_format_version', 'certificates', 'consumers', 'plugins', 'routes', 'services', 'upstreams'].sort(),
    );
    expect(dumped._format_version).toBe('3.0');
    // decK knows a certificate and a nameless route by their ids.
    expect(dumped.certificates).toEqual([
      expect.objectContaining({ id: expect.any(String), cert: expect.any(String) }),
    ]);
    expect(dumped.routes).toEqual([expect.objectContaining({ id: '0f9d8a3c-4b0c-4d9e-8f57-1b1d7d3f6a20' })]);
    expect(dumped.consumers[0].jwt_secrets).toEqual([
      expect.objectContaining({ algorithm: 'HS256', key: 'issuer-of-alice', secret: expect.any(String) }),
    ]);
    // A key of several lines stays in its place where decK replaces text before it reads YAML.
    const [, indent] = /^( +)\$\{\{ env "DECK_CERTIFICATE_\w+" \| indent \d+ \}\}$/m.exec(text) ?? [];
    expect(text).toContain(`| indent ${indent?.length} }}`);
  });

  it('refers from a plugin to its scopes by name', async () => {
    await seed(
      declaring(`
services: [{ name: s, host: h.test, routes: [{ name: r, paths: [/r] }] }]
consumers: [{ username: c }]
plugins: [{ name: rate-limiting, config: { minute: 5 }, route: r, consumer: c }]`),
    );
    const { text } = await seedDump(inputOf(''));
    expect(parse(text).plugins).toEqual([
      { name: 'rate-limiting', config: { minute: 5 }, route: 'r', consumer: 'c' },
    ]);
  });
});
