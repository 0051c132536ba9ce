import { expect, test } from 'vitest';
import { HealthState } from '../../../src/balancer/health-state.ts';

const thresholds = { successes: 2, httpFailures: 3, tcpFailures: 1, timeouts: 2 };

test('an address turns unhealthy at the threshold of the failure that occurs', () => {
  const state = new HealthState();
  expect([1, 2, 3].map(() => state.observe('http-failure', thresholds))).toEqual([false, false, true]);
  expect(state.isHealthy).toBe(false);
});

test('one refused connection is enough where the threshold is 1', () => {
  const state = new HealthState();
  expect(state.observe('tcp-failure', thresholds)).toBe(true);
});

test('different kinds of failure are counted apart', () => {
  const state = new HealthState();
  state.observe('http-failure', thresholds);
  state.observe('http-failure', thresholds);
  state.observe('timeout', thresholds);
  expect(state.isHealthy).toBe(true);
});

test('enough successes forget the failures that were counted', () => {
  const state = new HealthState();
  for (const observation of ['http-failure', 'http-failure', 'success', 'success', 'http-failure'] as const) {
    state.observe(observation, thresholds);
  }
  expect(state.isHealthy).toBe(true);
});

test('an unhealthy address is healthy again after the successes in a row that are asked for', () => {
  const state = new HealthState();
  state.set(false);
  state.observe('success', thresholds);
  state.observe('http-failure', thresholds);
  expect(state.observe('success', thresholds)).toBe(false);
  expect(state.observe('success', thresholds)).toBe(true);
  expect(state.isHealthy).toBe(true);
});

test('a threshold of 0 never changes anything', () => {
  const state = new HealthState();
  const never = { successes: 0, httpFailures: 0, tcpFailures: 0, timeouts: 0 };
  for (let count = 0; count < 50; count += 1) state.observe('http-failure', never);
  expect(state.isHealthy).toBe(true);
  state.set(false);
  for (let count = 0; count < 50; count += 1) state.observe('success', never);
  expect(state.isHealthy).toBe(false);
});
