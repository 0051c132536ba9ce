import type { ContainerSummary } from '../../src/core/ports/engine.ts';
import type { Graph } from '../../src/stack/graph/graph.ts';
import { planStack, type StackPlan } from '../../src/stack/plan/plan.ts';
import { DIGEST_LABEL, MANAGED_LABEL } from '../../src/stack/render/labels.ts';
import type { ApplyPorts, ApplySettings } from '../../src/stack/schedule/apply.ts';
import { stackTasks } from '../../src/stack/schedule/apply.ts';
import { EventHub } from '../../src/stack/schedule/event-hub.ts';
import { type Outcome, runGraph, type Task } from '../../src/stack/schedule/run-graph.ts';
import { details, summary } from './containers.ts';
import { fakeClock } from './fake-clock.ts';

/** Thrown where a run is killed: nothing of it goes on. */
export class Killed extends Error {}

/**
 * Replicas behind a gateway, in memory: an engine, a Compose that makes containers of the newest version, and a rotation. Every
 * step is logged, can be failed and can be the last. `serving` is what the gateway sends requests to.
 */
export class RollingStack {
  readonly log: string[] = [];
  readonly containers: ContainerSummary[] = [];
  readonly serving = new Set<string>();
  /** What containers are made of from now on. */
  version: string;
  /** Versions that never become healthy. */
  readonly broken = new Set<string>();
  /** The least number of replicas that served at any time. */
  fewest = Number.POSITIVE_INFINITY;
  /** Called before each step; what it throws fails the step. */
  onStep: (step: string) => void = () => {};
  readonly #replicas: number;
  #made = 0;
  #killed = false;

  constructor(replicas: number, version = 'v1') {
    this.#replicas = replicas;
    this.version = version;
    this.#make('kong', 'v1', 'running');
    for (const name of namesOf(replicas)) {
      this.#make(name, version, 'running');
      this.serving.add(name);
    }
  }

  graph(replicas = this.#replicas): Graph {
    return ['kong', ...namesOf(replicas)].map((name) => ({ name, dependsOn: [], isJob: false }));
  }

  versions(): Record<string, string> {
    return Object.fromEntries(
      this.containers
        .filter(({ service, state }) => service !== 'kong' && state === 'running')
        .map(({ service, labels }) => [service, labels[DIGEST_LABEL] ?? '']),
    );
  }

  plan(replicas = this.#replicas): StackPlan {
    const facts = {
      containers: [...this.containers],
      networkIds: new Set<string>(),
      gatewayRuns: true,
    };
    const wanted = (graph: Graph) =>
      Object.fromEntries(
        graph.map(({ name }) => [
          name,
          { digest: name === 'kong' ? 'v1' : this.version, imageId: null, needsNetwork: false },
        ]),
      );
    const graph = this.graph(replicas);
    const plan = planStack({ ...facts, graph, wanted: wanted(graph) });
    if (!plan.operations.some(({ drains }) => drains)) return plan;
    const node = { name: `backend-${replicas + 1}`, dependsOn: [], isJob: false };
    const [operation] = planStack({ ...facts, graph: [node], wanted: wanted([node]) }).operations;
    return { ...plan, surge: operation === undefined ? null : { operation, node } };
  }

  async run(
    plan: StackPlan = this.plan(),
    more: readonly Task[] = [],
    signal = new AbortController().signal,
  ): Promise<Outcome[]> {
    this.#killed = false;
    for (const leftover of plan.leftovers) await this.#remove(leftover.id);
    for (const { service, action } of plan.operations)
      if (action === 'create') this.#make(service, this.version, 'created');
    const again = plan.operations.some(({ action }) => action === 'create')
      ? this.plan(plan.operations.length - 1)
      : plan;
    const graph = this.graph(plan.operations.length - 1);
    return runGraph([...stackTasks(again, this.#ports(), this.#settings(graph)), ...more], signal);
  }

  #ports(): ApplyPorts {
    const clock = fakeClock();
    const engine = {
      containers: async () => this.containers.map((one) => ({ ...one })),
      networks: async () => [],
      inspect: async (id: string) => {
        const found = this.containers.find((one) => one.id === id);
        const isBroken = this.broken.has(found?.labels[DIGEST_LABEL] ?? '');
        return details({
          id,
          service: found?.service ?? '',
          state: found?.state === 'running' && !isBroken ? 'running' : 'exited',
          exitCode: 1,
          startedMs: 1,
          finishedMs: isBroken ? 2 : null,
          restartPolicy: 'no',
          health: isBroken ? 'unhealthy' : 'healthy',
        });
      },
      start: (id: string) => this.#step(`start ${this.#nameOf(id)}`, () => this.#set(id, 'running')),
      stop: (id: string) => this.#step(`stop ${this.#nameOf(id)}`, () => this.#set(id, 'exited')),
      remove: (id: string) => this.#step(`remove ${this.#nameOf(id)}`, () => this.#remove(id)),
      exec: async () => ({ exitCode: 0, output: '' }),
      outages: () => 0,
    };
    return {
      engine,
      patient: engine,
      clock,
      hub: new EventHub(),
      emit: () => {},
      compose: {
        version: async () => '2.26.1',
        run: async (_target, argv) => {
          const service = argv.at(-1) ?? '';
          await this.#step(`recreate ${service}`, () => {
            const old = this.containers.find((one) => one.service === service);
            if (old !== undefined) this.#remove(old.id);
            this.#make(service, this.version, 'created');
          });
          return { stdout: '', stderr: '' };
        },
      },
      rotation: async () => ({
        takeOut: ({ service }) => this.#step(`take out ${service}`, () => this.serving.delete(service)),
        putBack: ({ service }) => this.#step(`put back ${service}`, () => this.serving.add(service)),
        rejoin: async () => {},
        add: ({ service }) => this.#step(`add ${service}`, () => this.serving.add(service)),
        forget: (service) => this.#step(`forget ${service}`, () => this.serving.delete(service)),
      }),
    };
  }

  #settings(graph: Graph): ApplySettings {
    const target = { project: 'apictl', files: ['/srv/compose.yaml'], folder: '/srv' };
    return {
      target,
      surgeTarget: target,
      graph,
      deadlineMs: 60_000,
      lockFd: undefined,
      onReady: () => {},
      onFallen: () => {},
      startedMs: 0,
      cpus: 2,
      earlierRuns: new Map(),
    };
  }

  /** Killed before a step, the run does nothing any more. */
  async #step(step: string, work: () => unknown): Promise<void> {
    if (this.#killed) throw new Killed();
    try {
      this.onStep(step);
    } catch (thrown) {
      this.#killed = thrown instanceof Killed;
      throw thrown;
    }
    this.log.push(step);
    work();
    this.#count();
  }

  /** What serves is what the gateway sends requests to and what runs. */
  #count(): void {
    const serves = this.containers.filter(
      ({ service, state }) => this.serving.has(service) && state === 'running',
    ).length;
    // A request to what does not run fails.
    if (serves < this.serving.size)
      throw new Error(`the gateway sends requests to what is gone: ${this.log.at(-1)}`);
    this.fewest = Math.min(this.fewest, serves);
  }

  #make(service: string, version: string, state: ContainerSummary['state']): void {
    this.#made += 1;
    this.containers.push(
      summary({
        service,
        id: `${service}#${this.#made}`,
        state,
        health: state === 'running' ? 'healthy' : 'none',
        labels: { [DIGEST_LABEL]: version, [MANAGED_LABEL]: 'true' },
      }),
    );
  }

  #set(id: string, state: ContainerSummary['state']): void {
    const index = this.containers.findIndex((one) => one.id === id);
    const found = this.containers[index];
    if (found === undefined) throw new Error(`there is no container ${id}`);
    this.containers[index] = { ...found, state, health: state === 'running' ? 'healthy' : 'none' };
  }

  #remove(id: string): void {
    const index = this.containers.findIndex((one) => one.id === id);
    if (index >= 0) this.containers.splice(index, 1);
  }

  readonly #nameOf = (id: string): string => id.replace(/#\d+$/, '');
}

const namesOf = (replicas: number): string[] =>
  Array.from({ length: replicas }, (_, index) => `backend-${index + 1}`);
