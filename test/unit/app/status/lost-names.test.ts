import { describe, expect, it } from 'vitest';
import { lostNamesWarning } from '../../../../src/app/status/lost-names.ts';
import type { ServiceStatus } from '../../../../src/app/status/model.ts';

const service = (name: string, health: ServiceStatus['health']): ServiceStatus => ({
  name,
  state: 'running',
  health,
  image: '',
  uptimeSeconds: 1,
  restarts: 0,
  ports: [],
  memoryBytes: 0,
  cpuPercent: 0,
  problem: null,
});

const upstream = (...targets: readonly (readonly [string, string])[]) => [
  { name: 'backend', targets: targets.map(([target, health]) => ({ target, health, weight: 100 })) },
];

describe('names that the engine has lost', () => {
  it('are told where targets run and are well, and the gateway finds no address for them', () => {
    const upstreams = upstream(['backend-1:8000', 'DNS_ERROR'], ['backend-2:8000', 'DNS_ERROR']);
    const services = [service('backend-1', 'healthy'), service('backend-2', 'healthy')];
    expect(lostNamesWarning(upstreams, services)).toEqual([
      expect.stringMatching(
        /^kong finds no address for backend-1, backend-2, which run: .*"apictl down", then "apictl up"/,
      ),
    ]);
  });

  it('are listed in the order of the services, each once, whatever order the gateway answers in', () => {
    const hosts = ['backend-10', 'backend-2', 'backend-1', 'backend-2'];
    const upstreams = upstream(...hosts.map((host) => [`${host}:8000`, 'DNS_ERROR'] as const));
    const services = hosts.map((host) => service(host, 'healthy'));
    expect(lostNamesWarning(upstreams, services)[0]).toContain('for backend-1, backend-2, backend-10, which');
  });

  it('are none where a target is unwell, is not there, or is no service of the stack', () => {
    const upstreams = upstream(
      ['backend-1:8000', 'UNHEALTHY'],
      ['backend-2:8000', 'DNS_ERROR'],
      ['backend-3:8000', 'DNS_ERROR'],
      ['shop.example:443', 'DNS_ERROR'],
    );
    const services = [service('backend-1', 'healthy'), service('backend-2', 'unhealthy')];
    expect(lostNamesWarning(upstreams, services)).toEqual([]);
  });
});
