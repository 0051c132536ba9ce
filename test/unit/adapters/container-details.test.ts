import type { ContainerInspectInfo } from 'dockerode';
import { describe, expect, it } from 'vitest';
import { containerDetails } from '../../../src/adapters/engine/translate.ts';

/** What the engine says of a running container whose health check has the given times, in nanoseconds. */
const inspected = (healthcheck: Readonly<Record<string, number>>): ContainerInspectInfo =>
  ({
    Id: 'c1',
    Name: '/shop-kong-1',
    Image: 'sha256:1',
    RestartCount: 0,
    State: { Status: 'running', ExitCode: 0, OOMKilled: false, Error: '', StartedAt: '', FinishedAt: '' },
    Config: { Image: 'kong', Labels: {}, Healthcheck: { Test: ['CMD', 'kong', 'health'], ...healthcheck } },
    HostConfig: { RestartPolicy: { Name: 'always' } },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  }) as unknown as ContainerInspectInfo;

describe('a container as the engine describes it', () => {
  it.each([
    ['is left to the engine where it runs it twice a second', { StartInterval: 5e8 }, true],
    ['is run by us too where the engine runs it more seldom', { StartInterval: 1e9 }, false],
    ['is run by us where the engine knows no interval for the start', { Interval: 1e8 }, false],
  ])('has a health check which, while it boots, %s', (_what, healthcheck, expected) => {
    expect(containerDetails(inspected(healthcheck)).engineChecksBoot).toBe(expected);
  });
});
