import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../../src/stack/graph/graph.ts';
import { takeDown } from '../../../../src/stack/schedule/take-down.ts';
import { summary } from '../../../fakes/containers.ts';

/** Logs what is asked of it; a call waits where a test holds it. */
class SlowEngine {
  readonly log: string[] = [];
  readonly #held = new Map<string, { promise: Promise<void>; settle: (error?: Error) => void }>();

  /** The call waits for the returned function, and fails where that gets an error. */
  hold(call: string): (error?: Error) => void {
    let settle: (error?: Error) => void = () => {};
    const promise = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#held.set(call, { promise, settle });
    return settle;
  }

  readonly stop = (id: string) => this.#call(`stop ${id}`);
  readonly remove = (id: string) => this.#call(`remove ${id}`);

  async #call(call: string): Promise<void> {
    this.log.push(call);
    await this.#held.get(call)?.promise;
    this.log.push(`${call} done`);
  }
}

const GRAPH: Graph = [
  { name: 'postgres', dependsOn: [], isJob: false },
  { name: 'kong', dependsOn: ['postgres'], isJob: false },
  { name: 'prometheus', dependsOn: ['kong'], isJob: false },
];

const CHAIN = ['postgres', 'kong', 'prometheus'].map((service) => summary({ service, id: service }));

const start = (engine: SlowEngine, containers = CHAIN, signal = new AbortController().signal) =>
  takeDown(containers, GRAPH, { engine, emit: () => {} }, { graceSeconds: undefined }, signal);

const settled = () => new Promise(setImmediate);

describe('taking a stack down', () => {
  it('stops what depends on a service before the service', async () => {
    const engine = new SlowEngine();
    await start(engine);
    expect(engine.log.filter((call) => /^stop \w+$/.test(call))).toEqual([
      'stop prometheus',
      'stop kong',
      'stop postgres',
    ]);
  });

  it('removes each as soon as it has stopped, and stops the next in the meantime', async () => {
    const engine = new SlowEngine();
    const removed = engine.hold('remove prometheus');
    const stopped = engine.hold('stop kong');
    const done = start(engine);
    await settled();
    expect(engine.log).toEqual(['stop prometheus', 'stop prometheus done', 'remove prometheus', 'stop kong']);
    stopped();
    removed();
    await done;
    expect(engine.log.filter((call) => /^remove.*done$/.test(call)).sort()).toEqual([
      'remove kong done',
      'remove postgres done',
      'remove prometheus done',
    ]);
  });

  it('removes at once what does not run', async () => {
    const engine = new SlowEngine();
    const stopped = engine.hold('stop prometheus');
    const job = summary({ service: 'kong-migrations', id: 'job', state: 'exited' });
    const done = start(engine, [...CHAIN, job]);
    await settled();
    expect(engine.log.slice().sort()).toEqual(['remove job', 'remove job done', 'stop prometheus']);
    stopped();
    await done;
  });

  it('says why a container could not be stopped, and leaves what it depends on running', async () => {
    const engine = new SlowEngine();
    engine.hold('stop kong')(new Error('no'));
    await expect(start(engine)).rejects.toThrow('no');
    expect(engine.log).not.toContain('stop postgres');
    expect(engine.log).not.toContain('remove kong');
  });

  it('says why a container could not be removed, after everything else has gone', async () => {
    const engine = new SlowEngine();
    engine.hold('remove prometheus')(new Error('busy'));
    await expect(start(engine)).rejects.toThrow('busy');
    expect(engine.log).toContain('remove postgres done');
  });

  it('stops nothing more after an interruption, and removes what has stopped', async () => {
    const engine = new SlowEngine();
    const interruption = new AbortController();
    const stopped = engine.hold('stop prometheus');
    const done = start(engine, CHAIN, interruption.signal);
    await settled();
    interruption.abort();
    stopped();
    await done;
    expect(engine.log).toEqual([
      'stop prometheus',
      'stop prometheus done',
      'remove prometheus',
      'remove prometheus done',
    ]);
  });
});
