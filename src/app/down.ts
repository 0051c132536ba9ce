import * as z from 'zod';
import { ApictlError, EXIT } from '../core/errors.ts';
import { step } from '../core/events.ts';
import { interruption } from '../core/interruption.ts';
import type { ContainerSummary } from '../core/ports/engine.ts';
import { liveGraph } from '../stack/graph/live-graph.ts';
import { takeDown } from '../stack/schedule/take-down.ts';
import type { Project } from './project/project.ts';
import { withLock } from './project/session.ts';
import type { World } from './world.ts';

/** What `down --json` prints. */
export const downResultSchema = z.object({
  removed: z.array(z.string()).describe('Services whose containers were removed.'),
  volumes: z.object({
    removed: z.array(z.string()),
    kept: z.array(z.string()),
  }),
});
export type DownResult = z.output<typeof downResultSchema>;

export interface DownOptions {
  readonly volumes: boolean;
  /** Seconds a container has to end before it is killed; its own setting where absent. */
  readonly graceSeconds?: number | undefined;
  readonly waitLockSeconds: number;
  /** Asked before data is lost: name and bytes of every volume. */
  readonly confirmLoss: (volumes: readonly { name: string; sizeBytes: number }[]) => Promise<boolean>;
}

/**
 * Stops in reverse order and removes containers and networks; data stays unless `volumes`.
 * @throws ApictlError VOLUMES_NOT_CONFIRMED (64) before anything is touched, STOP_FAILED (5).
 */
export async function down(world: World, project: Project, options: DownOptions): Promise<DownResult> {
  const name = project.config.project;
  const volumes = await world.engine.volumes(name);
  if (options.volumes && volumes.length > 0) await confirmLoss(world, volumes, options);
  const lock = { command: 'down', waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, async () => {
    const names = volumes.map((volume) => volume.name).sort();
    const containers = await removeStack(world, name, {
      graceSeconds: options.graceSeconds,
      volumes: options.volumes ? names : [],
    });
    return {
      removed: containers.map(({ service }) => service).sort(),
      volumes: { removed: options.volumes ? names : [], kept: options.volumes ? [] : names },
    };
  });
}

/** Stops and removes all containers of a project, its networks, and these volumes. The project's lock must be held. */
export async function removeStack(
  world: Pick<World, 'engine' | 'emit' | 'clock' | 'signal'>,
  name: string,
  options: { readonly graceSeconds?: number | undefined; readonly volumes: readonly string[] },
): Promise<readonly ContainerSummary[]> {
  const containers = await world.engine.containers(name);
  await step(world.emit, 'stop', world.clock.now, async () => {
    const settings = { graceSeconds: options.graceSeconds };
    await takeDown(containers, liveGraph(containers), world, settings, world.signal);
    if (world.signal.aborted) throw stillStopping(world.signal);
  });
  await step(world.emit, 'remove', world.clock.now, async () => {
    await Promise.all((await world.engine.networks(name)).map(({ id }) => world.engine.removeNetwork(id)));
    await Promise.all(options.volumes.map((volume) => world.engine.removeVolume(volume)));
  });
  return containers;
}

async function confirmLoss(
  world: Pick<World, 'engine'>,
  volumes: readonly { readonly name: string }[],
  options: DownOptions,
): Promise<void> {
  const sizes = await world.engine.volumeSizes();
  const lost = volumes.map(({ name }) => ({ name, sizeBytes: sizes.get(name) ?? 0 }));
  if (await options.confirmLoss(lost)) return;
  throw new ApictlError({
    code: 'VOLUMES_NOT_CONFIRMED',
    exitCode: EXIT.usage,
    message: `the data of ${lost.length} volumes would be lost; nothing was touched`,
    object: lost.map(({ name }) => `volume ${name}`).join(', '),
    hint: 'Answer the question with yes, or give --yes. Without --volumes the data stays.',
  });
}

const stillStopping = (signal: AbortSignal) =>
  interruption(signal, {
    message: 'interrupted while stopping; what had stopped is removed, the rest runs on',
    hint: 'Run "apictl down" again to finish.',
  });
