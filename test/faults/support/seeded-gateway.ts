import { addressOf, startTestGateway } from '../../../services/dev-gateway/test/gateway.ts';
import { systemClock } from '../../../src/adapters/clock.ts';
import type { Http } from '../../../src/core/ports/http.ts';
import { type AdminClient, adminClient } from '../../../src/kong/admin/client.ts';
import { readLiteral } from '../../../src/kong/read/state.ts';
import { applySeed, type SeedInput, seedPlan } from '../../../src/kong/seed.ts';
import { declaring } from '../../fakes/seed-run.ts';

/** A little of everything, so that going from one to the other creates, changes, renames, exchanges, moves and deletes. */
export const OLD = declaring(`
services:
  - name: s
    host: h.test
    routes:
      - { name: r, paths: [/r], plugins: [{ name: rate-limiting, config: { minute: 5 } }] }
      - { name: gone, paths: [/gone] }
      - { name: x, paths: [/x] }
      - { name: y, paths: [/y] }
      - { name: first, paths: [/1] }
      - { name: second, paths: [/2] }
upstreams: [{ name: u.test, targets: [{ target: "t.test:1", weight: 10 }, { target: "t.test:2" }] }]
consumers:
  - username: c
    keyauth_credentials: [{ key: old-key-of-c }]
    basicauth_credentials: [{ username: kept, password: kept-password }]
  - username: giving
    keyauth_credentials: [{ key: key-that-moves }]
  - username: taking
`);

export const WANTED = declaring(`
services:
  - name: s
    host: other.test
    routes:
      - { name: r, paths: [/r2], plugins: [{ name: rate-limiting, config: { minute: 6 } }, { name: cors }] }
      - { name: fresh, paths: [/fresh] }
      - { name: y, paths: [/x] }
      - { name: x, paths: [/y] }
      - { name: second, paths: [/1] }
      - { name: third, paths: [/2] }
upstreams: [{ name: u.test, targets: [{ target: "t.test:1", weight: 20 }, { target: "t.test:3" }] }]
consumers:
  - username: c
    custom_id: c-1
    acls: [{ group: gold }]
    keyauth_credentials: [{ key: new-key-of-c }]
    basicauth_credentials: [{ username: kept, password: kept-password }]
  - username: giving
  - username: taking
    keyauth_credentials: [{ key: key-that-moves }]
`);

/** A clock on which pauses are short; what is waited for is the same. */
const hurried = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal),
};

export const inputFor = (http: Http, url: string, text: string): SeedInput => ({
  http,
  clock: hurried,
  admin: { url },
  files: [{ path: 'kong/kong.yaml', text }],
  project: 'apictl',
  placeholders: { environment: {}, secret: async () => undefined },
});

/** Plans and applies, as the command does. */
export async function seed(http: Http, url: string, text: string) {
  const input = inputFor(http, url, text);
  const plan = await seedPlan(input);
  const outcome = await applySeed({ ...input, plan, emit: () => {} });
  return { plan, outcome };
}

export interface SeededGateway {
  readonly url: string;
  /** Everything that the gateway has, with ids, without the times of writing. */
  state(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A gateway in memory that has the declared state. */
export async function startSeededGateway(http: Http, text: string): Promise<SeededGateway> {
  const gateway = await startTestGateway();
  const url = addressOf(gateway.admin);
  await seed(http, url, text);
  return { url, state: () => stateOf(http, url), stop: () => gateway.stop() };
}

export async function stateOf(http: Http, url: string): Promise<readonly string[]> {
  const client: AdminClient = adminClient({ http, clock: systemClock, admin: { url } });
  const upstreams = ((await client.list('/upstreams')) ?? []).map(({ name }) => String(name));
  const found = await readLiteral(client, { tags: [], upstreams });
  return [...found]
    .flatMap(([kind, entities]) =>
      entities.map(
        ({ created_at: _created, updated_at: _updated, ...rest }) => `${kind} ${sortedJson(rest)}`,
      ),
    )
    .sort();
}

const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null) return inner;
    // The order of a list means nothing in what is compared here.
    if (Array.isArray(inner)) return [...inner].sort();
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
