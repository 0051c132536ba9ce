import { afterEach, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../../../../test/support/patience.ts';
import type { HashInput } from '../../../src/balancer/hash-value.ts';
import type { Observation } from '../../../src/balancer/health-state.ts';
import type { Probe } from '../../../src/balancer/probe.ts';
import { HostResolver, type Resolve } from '../../../src/balancer/resolver.ts';
import { Upstreams } from '../../../src/balancer/upstreams.ts';
import type { Target, Upstream } from '../../../src/model/entities.ts';
import { healthchecks, target, upstream } from '../../proxy/entities.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const nothing: HashInput = {
  clientIp: '127.0.0.1',
  path: '/',
  consumerOrCredentialId: undefined,
  header: () => undefined,
  cookie: () => undefined,
  queryArgument: () => undefined,
  uriCapture: () => undefined,
};

interface World {
  readonly resolve?: Resolve;
  readonly probe?: Probe;
  readonly ttlMs?: number;
}

const balance = (up: Upstream, targets: readonly Target[], { resolve, probe, ttlMs = 5_000 }: World = {}) => {
  const resolver = new HostResolver({
    resolve:
      resolve ?? (() => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))),
    validTtlMs: ttlMs,
    errorTtlMs: ttlMs,
    now: Date.now,
  });
  const changes: string[] = [];
  const upstreams = new Upstreams({
    resolver,
    probe: probe ?? (() => Promise.resolve(undefined)),
    onHealthChange: ({ address, isHealthy }) => changes.push(`${address.ip} ${isHealthy ? 'up' : 'down'}`),
  });
  stops.push(() => {
    upstreams.stop();
    resolver.close();
  });
  const apply = (current: Upstream, all: readonly Target[]): void =>
    upstreams.apply({
      upstreams: new Map([[current.id, current]]),
      targets: new Map(all.map((one) => [one.id, one])),
    });
  apply(up, targets);
  const pick = (): string | undefined => upstreams.named(up.name)?.pick(() => nothing, new Set())?.ip;
  return { upstreams, apply, pick, changes };
};

test('a target that is drained by weight 0 gets no more requests but is still reported', () => {
  const up = upstream();
  const targets = [target(up, '10.0.0.1:80'), target(up, '10.0.0.2:80')];
  const { apply, pick, upstreams } = balance(up, targets);
  apply(up, [...targets.slice(0, 1), ...targets.slice(1).map((one) => ({ ...one, weight: 0 }))]);
  expect([pick(), pick(), pick()]).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1']);
  expect(upstreams.targetHealth(up.id).map(({ nodeWeight }) => nodeWeight)).toEqual([100, 0]);
});

test('an upstream without checks reports HEALTHCHECKS_OFF', () => {
  const up = upstream();
  const { upstreams } = balance(up, [target(up, '10.0.0.1:80')]);
  expect(upstreams.targetHealth(up.id)).toMatchObject([
    {
      host: '10.0.0.1',
      port: 80,
      health: 'HEALTHCHECKS_OFF',
      dns: 'A',
      weight: { total: 100, available: 100, unavailable: 0 },
      addresses: [{ ip: '10.0.0.1', port: 80, weight: 100, health: 'HEALTHCHECKS_OFF' }],
    },
  ]);
  expect(upstreams.balancerHealth(up.id)?.health).toBe('HEALTHCHECKS_OFF');
});

test('a name that does not resolve is a DNS_ERROR and gets no requests', async () => {
  const up = upstream();
  const { upstreams, pick } = balance(up, [target(up, 'nowhere.test:80')]);
  await upstreams.named(up.name)?.resolved();
  expect(pick()).toBeUndefined();
  expect(upstreams.targetHealth(up.id)).toMatchObject([
    { health: 'DNS_ERROR', dns: 'dns server error: 3 name error', addresses: [], weight: { total: 0 } },
  ]);
});

test('passive failures take a target out and an operator puts it back', () => {
  const up = upstream({
    healthchecks: healthchecks({
      passive: { unhealthy: { http_statuses: [500], http_failures: 2, tcp_failures: 0, timeouts: 0 } },
    }),
  });
  const one = target(up, '10.0.0.1:80');
  const { upstreams, pick, changes } = balance(up, [one]);
  const balancer = upstreams.named(up.name);
  const address = balancer?.pick(() => nothing, new Set());
  if (!balancer || !address) throw new Error('nobody was picked');
  for (const status of [200, 500, 200, 500]) balancer.observeStatus(address, status);
  expect(pick()).toBeUndefined();
  expect(upstreams.targetHealth(up.id)).toMatchObject([
    { health: 'UNHEALTHY', weight: { unavailable: 100 } },
  ]);
  expect(upstreams.balancerHealth(up.id)?.health).toBe('UNHEALTHY');
  expect(upstreams.setTargetHealth(up.id, one.id, '10.0.0.1:80', true)).toBe(true);
  expect(pick()).toBe('10.0.0.1');
  expect(changes).toEqual(['10.0.0.1 down', '10.0.0.1 up']);
});

test('setting the health of an address that is not there is refused', () => {
  const up = upstream();
  const one = target(up, '10.0.0.1:80');
  const { upstreams } = balance(up, [one]);
  expect(upstreams.setTargetHealth(up.id, one.id, '10.0.0.9:80', false)).toBe(false);
  expect(upstreams.setTargetHealth(up.id, 'other', null, false)).toBe(false);
});

test('with less of the weight available than the threshold nobody is picked', () => {
  const up = upstream({ healthchecks: healthchecks({ threshold: 60 }) });
  const targets = [target(up, '10.0.0.1:80'), target(up, '10.0.0.2:80')];
  const { upstreams, pick } = balance(up, targets);
  expect(pick()).toBeDefined();
  upstreams.setTargetHealth(up.id, targets[0]?.id ?? '', null, false);
  expect(pick()).toBeUndefined();
});

test('active checks take a target out and bring it back', async () => {
  const verdicts = new Map<string, Observation>();
  const up = upstream({
    healthchecks: healthchecks({
      active: {
        healthy: { interval: 0.01, http_statuses: [200], successes: 2 },
        unhealthy: { interval: 0.01, http_statuses: [500], http_failures: 2, tcp_failures: 2, timeouts: 2 },
      },
    }),
  });
  const { upstreams } = balance(up, [target(up, '10.0.0.1:80'), target(up, '10.0.0.2:80')], {
    probe: (address) => Promise.resolve(verdicts.get(address.ip) ?? 'success'),
  });
  const states = () => upstreams.targetHealth(up.id).map(({ health }) => health);
  expect(states()).toEqual(['HEALTHY', 'HEALTHY']);
  verdicts.set('10.0.0.2', 'tcp-failure');
  await vi.waitFor(() => expect(states()).toEqual(['HEALTHY', 'UNHEALTHY']), PATIENCE);
  verdicts.clear();
  await vi.waitFor(() => expect(states()).toEqual(['HEALTHY', 'HEALTHY']), PATIENCE);
});

test('a backend that is recreated with another address is followed within the time to live', async () => {
  let ip = '10.0.0.1';
  const up = upstream();
  const { upstreams, pick } = balance(up, [target(up, 'backend-1:8000')], {
    resolve: () => Promise.resolve([ip]),
    ttlMs: 20,
  });
  await upstreams.named(up.name)?.resolved();
  expect(pick()).toBe('10.0.0.1');
  ip = '10.0.0.7';
  await vi.waitFor(() => expect(pick()).toBe('10.0.0.7'), PATIENCE);
});

test('an address that stays keeps its health when another one joins', async () => {
  const addresses = ['10.0.0.1'];
  const up = upstream({
    healthchecks: healthchecks({
      passive: { unhealthy: { http_statuses: [500], http_failures: 1, tcp_failures: 0, timeouts: 0 } },
    }),
  });
  const one = target(up, 'backend:80');
  const { upstreams } = balance(up, [one], { resolve: () => Promise.resolve([...addresses]), ttlMs: 20 });
  await upstreams.named(up.name)?.resolved();
  upstreams.setTargetHealth(up.id, one.id, null, false);
  addresses.push('10.0.0.2');
  await vi.waitFor(() =>
    expect(upstreams.targetHealth(up.id)[0]?.addresses.map(({ ip, health }) => `${ip} ${health}`)).toEqual([
      '10.0.0.1 UNHEALTHY',
      '10.0.0.2 HEALTHY',
    ]),
  );
});

test('hashing on a header sends equal values to one target, and falls back to the client address', () => {
  const up = upstream({ hash_on: 'header', hash_on_header: 'X-Tenant', hash_fallback: 'ip' });
  const { upstreams } = balance(
    up,
    [1, 2, 3, 4].map((number) => target(up, `10.0.0.${number}:80`)),
  );
  const pickFor = (tenant: string | undefined) =>
    upstreams.named(up.name)?.pick(() => ({ ...nothing, header: () => tenant }), new Set())?.ip;
  expect(new Set([1, 2, 3].map(() => pickFor('a'))).size).toBe(1);
  expect(new Set([1, 2, 3].map(() => pickFor(undefined))).size).toBe(1);
  const tenants = Array.from({ length: 50 }, (_, index) => pickFor(`tenant-${index}`));
  expect(new Set(tenants).size).toBeGreaterThan(1);
});

test('a name that is slow to resolve does not hold up the targets that are known', async () => {
  const up = upstream();
  const { upstreams, pick } = balance(up, [target(up, '10.0.0.1:80'), target(up, 'slow.test:80')], {
    resolve: () => new Promise(() => undefined),
  });
  expect(upstreams.named(up.name)?.isResolved).toBe(false);
  await upstreams.named(up.name)?.resolved();
  expect([pick(), pick()]).toEqual(['10.0.0.1', '10.0.0.1']);
});
