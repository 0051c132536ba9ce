import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Route } from '../../../src/model/entities.ts';
import { emptySnapshot } from '../../../src/model/snapshot.ts';
import { CurrentRouter } from '../../../src/proxy/current-router.ts';
import { jsonGatewayLog } from '../../../src/proxy/gateway-log.ts';
import { route, service } from '../../proxy/entities.ts';

const api = service({ name: 'api' });

let routes: readonly Route[];
let compiled: number;
let told: string[];
let current: CurrentRouter;

beforeEach(() => {
  vi.useFakeTimers();
  [routes, compiled, told] = [[], 0, []];
  current = new CurrentRouter(
    () => {
      compiled += 1;
      const byId = new Map(routes.map((one) => [one.id, one]));
      return { ...emptySnapshot(), services: new Map([[api.id, api]]), routes: byId };
    },
    jsonGatewayLog((line) => told.push(line)),
  );
});

afterEach(() => vi.useRealTimers());

it('is compiled once for many changes, when there is quiet', () => {
  for (let change = 0; change < 100; change += 1) {
    current.forget();
    vi.advanceTimersByTime(10);
  }
  expect(compiled).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(compiled).toBe(1);
  current.get();
  expect(compiled).toBe(1);
});

it('is compiled at once for whoever asks after a change, and then not again', () => {
  const before = current.get();
  current.forget();
  const after = current.get();
  expect(after).not.toBe(before);
  expect(current.get()).toBe(after);
  vi.advanceTimersByTime(1_000);
  expect(compiled).toBe(2);
});

it('tells of a route that cannot be served without being asked for', () => {
  routes = [route({ name: 'broken', service: { id: api.id }, paths: ['~/('] })];
  current.forget();
  vi.advanceTimersByTime(1_000);
  expect(told.join('')).toContain('"route":"broken"');
});

it('compiles nothing any more once it is stopped', () => {
  current.forget();
  current.stop();
  vi.advanceTimersByTime(1_000);
  expect(compiled).toBe(0);
});
