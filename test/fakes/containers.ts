import type { ContainerDetails, ContainerSummary } from '../../src/core/ports/engine.ts';

/** A container as the listing gives it; only what a test cares about has to be said. */
export const summary = (
  given: Partial<ContainerSummary> & { readonly service: string },
): ContainerSummary => ({
  id: `id-${given.service}`,
  name: `apictl-${given.service}-1`,
  image: 'x:1',
  imageId: 'sha256:x',
  state: 'running',
  health: 'healthy',
  labels: {},
  createdMs: 0,
  statusText: 'Up 3 minutes (healthy)',
  ports: [],
  networks: {},
  ...given,
});

/** A container in full. */
export const details = (given: Partial<ContainerDetails> = {}): ContainerDetails => ({
  id: 'id-kong',
  name: 'apictl-kong-1',
  service: 'kong',
  image: 'x:1',
  imageId: 'sha256:x',
  state: 'running',
  pid: 1,
  exitCode: 0,
  oomKilled: false,
  error: '',
  restarts: 0,
  startedMs: 0,
  finishedMs: null,
  health: 'starting',
  healthLog: [],
  healthTest: ['CMD', 'check'],
  healthIntervalMs: 10_000,
  healthTimeoutMs: 5_000,
  engineChecksBoot: false,
  healthStartPeriodMs: 0,
  restartPolicy: 'unless-stopped',
  aliases: {},
  memoryLimitBytes: 0,
  containerPorts: [],
  mounts: [],
  ...given,
});
