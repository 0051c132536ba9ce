import { ApictlError, EXIT } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { AdminClient } from '../../kong/admin/client.ts';
import { clientOf, declaredOf } from '../../kong/seed.ts';
import {
  addTarget,
  canServe,
  declaredTargets,
  hostOfTarget,
  type LiveTarget,
  liveTargets,
  removeTarget,
  setWeight,
  type Target,
} from '../../kong/targets.ts';
import type { Replica, Rotation } from '../../stack/rollout/rotation.ts';
import type { Project } from '../project/project.ts';
import { DEFAULT_SEED, kongAccess, seedInput } from '../seed/seed.ts';
import type { World } from '../world.ts';
import { hasConnections, requestsInFlight, saysWhatIsInFlight } from './in-flight.ts';

/** A change reaches every worker of the gateway within a fraction of it. */
const GATEWAY_FOLLOWS_MS = 1_000;
/** Kong asks the DNS every 5 s, checks every 2 s, and asks for one success. */
const GATEWAY_SEES_MS = 30_000;
const LOOK_EVERY_MS = 250;
const WRITE_MS = 30_000;

/** The targets that the declared state of this project has. @throws ApictlError as reading it does (`seedPlan`) */
export const projectTargets = async (world: World, project: Project): Promise<Target[]> =>
  declaredTargets(await declaredOf(await seedInput(world, project, DEFAULT_SEED)));

/**
 * The rotation of this project's gateway, by the targets that its declared state has.
 * @throws ApictlError as reading the declared state does (`seedPlan`)
 */
export async function gatewayRotation(world: World, project: Project): Promise<Rotation> {
  return new GatewayRotation(world, project, await projectTargets(world, project));
}

class GatewayRotation implements Rotation {
  readonly #world: World;
  readonly #project: Project;
  readonly #declared: readonly Target[];

  constructor(world: World, project: Project, declared: readonly Target[]) {
    this.#world = world;
    this.#project = project;
    this.#declared = declared;
  }

  async takeOut(replica: Replica): Promise<void> {
    const { emit, clock } = this.#world;
    const { service } = replica;
    const serving = await this.#serving(service);
    if (serving.length === 0) return;
    if (!(await this.#isRunning(replica))) {
      // Nothing is in its hands; without requests it is not tried again and again.
      for (const target of serving) await setWeight(this.#client(), { ...target, weight: 0 });
      return;
    }
    for (const target of serving) await this.#untilAnotherServes(target);
    await step(emit, `drain ${service}`, clock.now, async () => {
      try {
        for (const target of serving) await setWeight(this.#client(), { ...target, weight: 0 });
        await this.#pause(GATEWAY_FOLLOWS_MS);
        await this.#untilIdle(replica);
      } catch (thrown) {
        await this.#undo(serving);
        throw thrown;
      }
    });
  }

  async putBack(replica: Replica): Promise<void> {
    await this.#putIn(replica, this.#declaredOf(replica.service));
  }

  async rejoin(replica: Replica): Promise<void> {
    const declared = this.#declaredOf(replica.service).filter(({ weight }) => weight > 0);
    for (const upstream of new Set(declared.map((target) => target.upstream))) {
      const left = (await liveTargets(this.#client(), upstream)).filter(
        (live) => live.weight === 0 && declared.some(isSame(live)),
      );
      if (left.length > 0) return this.putBack(replica);
    }
  }

  async add(replica: Replica, like: string): Promise<void> {
    const own = this.#declaredOf(replica.service);
    const wanted =
      own.length > 0
        ? own
        : this.#declaredOf(like).map((one) => ({
            ...one,
            target: `${replica.service}${one.target.slice(hostOfTarget(one).length)}`,
          }));
    await this.#putIn(replica, wanted);
  }

  async forget(service: string): Promise<void> {
    for (const upstream of this.#upstreams()) {
      const gone = (await liveTargets(this.#client(), upstream)).filter(isOf(service));
      for (const target of gone) await removeTarget(this.#client(), target);
    }
  }

  readonly #declaredOf = (service: string): Target[] => this.#declared.filter(isOf(service));

  readonly #upstreams = (): readonly string[] => [...new Set(this.#declared.map(({ upstream }) => upstream))];

  /** Every call has its own time, so that a drain between two of them takes none of it. */
  #client(access: Partial<Pick<World, 'signal'>> = { signal: this.#world.signal }): AdminClient {
    const { signal: _own, ...bare } = kongAccess(this.#world, this.#project, {});
    return clientOf({ ...bare, ...access }, WRITE_MS);
  }

  /** The targets of a service that get requests, in all upstreams of the declared state. */
  async #serving(service: string): Promise<LiveTarget[]> {
    const found = await Promise.all(
      this.#upstreams().map((upstream) => liveTargets(this.#client(), upstream)),
    );
    return found.flat().filter((target) => isOf(service)(target) && target.weight > 0);
  }

  async #isRunning({ containerId }: Replica): Promise<boolean> {
    const containers = await this.#world.engine.containers(this.#project.config.project);
    return containers.some(({ id, state }) => id === containerId && state === 'running');
  }

  async #untilAnotherServes(target: LiveTarget): Promise<void> {
    const { upstream } = target;
    const isThere = await this.#within(GATEWAY_SEES_MS, async () =>
      (await liveTargets(this.#client(), upstream)).some(
        (other) => canServe(other) && other.target !== target.target,
      ),
    );
    if (isThere) return;
    throw new ApictlError({
      code: 'NO_OTHER_REPLICA',
      exitCode: EXIT.unhealthy,
      message: `${hostOfTarget(target)} cannot be taken out of rotation: no other target of the upstream ${upstream} is healthy`,
      object: `target ${target.target}`,
      hint: '"apictl status" says what is wrong with the others; run the command again when one of them serves.',
    });
  }

  async #untilIdle({ service, containerId }: Replica): Promise<void> {
    const { engine, clock, emit, signal } = this.#world;
    const { config } = this.#project;
    const endMs = clock.now() + config.backends.drainSeconds * 1000;
    let inFlight: number | null = null;
    let mayConnect: boolean | null = !saysWhatIsInFlight(config);
    while (clock.now() < endMs) {
      if (saysWhatIsInFlight(config)) {
        inFlight = await requestsInFlight(engine, containerId, config, signal).catch(() => null);
        if (inFlight === 0) return;
      } else if (mayConnect === true) {
        mayConnect = await hasConnections(engine, containerId, config, signal).catch(() => null);
        if (mayConnect === false) return;
      }
      await this.#pause(Math.max(1, Math.min(LOOK_EVERY_MS, endMs - clock.now())));
    }
    if (inFlight === null) return;
    emit({
      type: 'warning',
      text: `${service} has ${inFlight} requests in hand after ${config.backends.drainSeconds} s (backends.drainSeconds); it is stopped all the same`,
    });
  }

  /** Best effort: what is left with weight 0 gets its weight at the next seed. */
  async #undo(targets: readonly Target[]): Promise<void> {
    for (const target of targets) {
      await setWeight(this.#client({}), target).catch(() => {
        this.#world.emit({
          type: 'warning',
          text: `${target.target} is left with weight 0 in the gateway; "apictl seed" gives it its weight again`,
        });
      });
    }
  }

  async #putIn({ service, containerId }: Replica, targets: readonly Target[]): Promise<void> {
    const { engine, clock, emit } = this.#world;
    if (targets.length === 0) return;
    await step(emit, `put ${service} into rotation`, clock.now, async () => {
      const addresses = addressesOf(await engine.containers(this.#project.config.project), containerId);
      for (const target of targets) await this.#putInTarget(target, addresses);
    });
  }

  async #putInTarget(target: Target, addresses: readonly string[]): Promise<void> {
    const find = async () => (await liveTargets(this.#client(), target.upstream)).find(isSame(target));
    const isCurrent = (found: LiveTarget): boolean =>
      found.addresses.length > 0 && found.addresses.every((address) => addresses.includes(address));
    const before = await find();
    if (before !== undefined && before.weight === target.weight && canServe(before) && isCurrent(before))
      return;
    if (before === undefined) {
      await addTarget(this.#client(), this.#project.config.project, target);
    } else {
      // A container made anew has another address; requests go there when the gateway knows it, not before.
      await this.#within(GATEWAY_SEES_MS, async () => {
        const found = await find();
        return found === undefined || isCurrent(found);
      });
      await setWeight(this.#client(), target);
    }
    if (target.weight === 0) return;
    const isIn = await this.#within(GATEWAY_SEES_MS, async () => {
      const found = await find();
      return found !== undefined && canServe(found) && isCurrent(found);
    });
    if (!isIn) throw await this.#notTaken(target, await find());
  }

  async #notTaken(target: Target, found: LiveTarget | undefined): Promise<ApictlError> {
    const state =
      found === undefined
        ? 'has no such target'
        : `finds it ${found.health} at ${found.addresses.join(', ') || 'no address'}`;
    return new ApictlError({
      code: 'REPLICA_NOT_TAKEN',
      exitCode: EXIT.unhealthy,
      message: `${hostOfTarget(target)} is healthy, but the gateway ${state} after ${GATEWAY_SEES_MS / 1000} s`,
      object: `target ${target.target} of upstream ${target.upstream}`,
      hint: 'Look at "apictl status" and "apictl logs kong", then run the command again.',
    });
  }

  /** Asks until it is so; false when it was not in time. */
  async #within(ms: number, ask: () => Promise<boolean>): Promise<boolean> {
    const endMs = this.#world.clock.now() + ms;
    for (;;) {
      if (await ask()) return true;
      if (this.#world.clock.now() >= endMs) return false;
      await this.#pause(LOOK_EVERY_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    const { clock, signal } = this.#world;
    await clock.sleep(ms, signal);
    signal.throwIfAborted();
  }
}

const isOf =
  (service: string) =>
  (target: Pick<Target, 'target'>): boolean =>
    hostOfTarget(target) === service;

const isSame =
  (one: Target) =>
  (other: Target): boolean =>
    other.upstream === one.upstream && other.target === one.target;

/** Where a container is found in all its networks. */
function addressesOf(containers: readonly ContainerSummary[], id: string): readonly string[] {
  const networks = containers.find((container) => container.id === id)?.networks ?? {};
  return Object.values(networks).map(({ address }) => address);
}
