import { describe, expect, it } from 'vitest';
import type { ContainerSummary } from '../../../../src/core/ports/engine.ts';
import {
  isIdle,
  planStack,
  type StackPlan,
  toBeStarted,
  withNamelessAnew,
} from '../../../../src/stack/plan/plan.ts';
import { DIGEST_LABEL } from '../../../../src/stack/render/labels.ts';
import { summary } from '../../../fakes/containers.ts';

const graph = [
  { name: 'postgres', dependsOn: [], isJob: false },
  { name: 'migrations', dependsOn: ['postgres'], isJob: true },
  { name: 'kong', dependsOn: ['migrations'], isJob: false },
];
const wanted = Object.fromEntries(
  graph.map(({ name }) => [name, { digest: `d-${name}`, imageId: 'sha256:x', needsNetwork: true }]),
);
const live = (service: string, given: Partial<ContainerSummary> = {}) =>
  summary({
    service,
    labels: { [DIGEST_LABEL]: `d-${service}` },
    networks: { net: { networkId: 'n1', address: '' } },
    ...given,
  });
const ended = live('migrations', { state: 'exited', health: 'none', statusText: 'Exited (0) 2 minutes ago' });
const plan = (containers: readonly ContainerSummary[]): StackPlan =>
  planStack({ graph, wanted, containers, networkIds: new Set(['n1']), gatewayRuns: true });
const lines = ({ operations }: StackPlan): string[] =>
  operations.map(
    ({ service, action, why, interrupts }) => `${action} ${service} (${why})${interrupts ? ' !' : ''}`,
  );

describe('the plan', () => {
  it('creates everything where nothing is there', () => {
    expect(lines(plan([]))).toEqual([
      'create postgres (not there)',
      'create migrations (not there)',
      'create kong (not there)',
    ]);
  });

  it('has nothing to do where all is unchanged and healthy', () => {
    const idle = plan([live('postgres'), ended, live('kong')]);
    expect(isIdle(idle)).toBe(true);
  });

  it('recreates what changed and says that it interrupts', () => {
    const changed = live('kong', { labels: { [DIGEST_LABEL]: 'old' } });
    expect(lines(plan([live('postgres'), ended, changed]))[2]).toBe(
      'recreate kong (its configuration or a mounted file changed) !',
    );
  });

  it('recreates a service whose image is another one now', () => {
    expect(lines(plan([live('postgres', { imageId: 'sha256:old' }), ended, live('kong')]))[0]).toBe(
      'recreate postgres (its image changed) !',
    );
  });

  it('recreates a container whose network was made anew, because it would start without names', () => {
    const lost = live('kong', { networks: { net: { networkId: 'gone', address: '' } } });
    expect(lines(plan([live('postgres'), ended, lost]))[2]).toContain('its network was made anew');
  });

  it('leaves a container alone that is on the engine’s own network', () => {
    const own = { none: { networkId: 'the-engine-s', address: '' } };
    expect(isIdle(plan([live('postgres', { networks: own }), ended, live('kong')]))).toBe(true);
  });

  it('makes a container anew that is in no network any more', () => {
    const cut = live('kong', { networks: {} });
    expect(lines(plan([live('postgres'), ended, cut]))[2]).toBe(
      'recreate kong (it is in no network any more) !',
    );
  });

  it('starts what is stopped or was created and never started', () => {
    const created = live('kong', { state: 'created', health: 'none' });
    const stopped = live('postgres', {
      state: 'exited',
      health: 'none',
      statusText: 'Exited (137) 1 hour ago',
    });
    expect(lines(plan([stopped, ended, created]))).toEqual([
      'start postgres (is exited)',
      'keep migrations (ended with 0 and is unchanged)',
      'start kong (created, never started)',
    ]);
  });

  it('runs a job again that did not end with 0', () => {
    const failed = live('migrations', {
      state: 'exited',
      health: 'none',
      statusText: 'Exited (1) 2 minutes ago',
    });
    expect(lines(plan([live('postgres'), failed, live('kong')]))[1]).toBe(
      'run migrations (did not end with 0)',
    );
  });

  it('waits for what runs and is not healthy yet', () => {
    expect(lines(plan([live('postgres', { health: 'starting' }), ended, live('kong')]))[0]).toBe(
      'wait postgres (runs, its health is starting)',
    );
  });

  it('removes what a killed Compose left behind, unless it runs', () => {
    const leftover = live('kong', { id: 'left', name: '0123456789ab_apictl-kong-1', state: 'created' });
    const result = plan([live('postgres'), ended, live('kong'), leftover]);
    expect(result.leftovers.map(({ id }) => id)).toEqual(['left']);
    expect(lines(result)[2]).toBe('keep kong (unchanged and running)');
  });

  it('lists containers of services that the file no longer has', () => {
    expect(
      plan([live('postgres'), ended, live('kong'), live('kibana')]).orphans.map(({ service }) => service),
    ).toEqual(['kibana']);
  });

  it('makes a container anew that nobody would find by its name, instead of starting it', () => {
    const stopped = live('kong', { id: 'k', state: 'exited' });
    const result = plan([live('postgres', { id: 'p', state: 'created' }), ended, stopped]);
    expect(toBeStarted(result)).toEqual(['p', 'k']);
    const aliases = new Map([
      ['p', { net: ['postgres', '4f1d'] }],
      ['k', { net: ['4f1e'], bridge: [] }],
    ]);
    expect(lines(withNamelessAnew(result, aliases))).toEqual([
      'start postgres (created, never started)',
      'keep migrations (ended with 0 and is unchanged)',
      'recreate kong (its network does not know its name)',
    ]);
  });
});
