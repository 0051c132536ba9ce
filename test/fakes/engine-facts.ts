import type { EngineFacts } from '../../src/core/ports/engine.ts';

/** What Debian 12's engine says of itself and its machine. */
export const engineFacts = (other: Partial<EngineFacts> = {}): EngineFacts => ({
  version: '20.10.24',
  apiVersion: '1.41',
  operatingSystem: 'Debian',
  osType: 'linux',
  architecture: 'x86_64',
  memoryBytes: 8 * 2 ** 30,
  cpus: 2,
  dataFolder: '/var/lib/docker',
  endpoint: 'unix:///var/run/docker.sock',
  ...other,
});
