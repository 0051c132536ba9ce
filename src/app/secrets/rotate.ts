import * as z from 'zod';
import { orInterruption } from '../../core/interruption.ts';
import { prepareFolder } from '../../secrets/apply.ts';
import { secretsOf } from '../../secrets/model.ts';
import { planRotation, type RotationPlan } from '../../secrets/rotation-plan.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { bringServices } from '../up/up.ts';
import type { World } from '../world.ts';
import { rotationFacts } from './rotation-facts.ts';
import { runRotation } from './run-rotation.ts';

const names = z.array(z.string()).readonly();
const whys = z.array(z.object({ name: z.string(), why: z.string() })).readonly();

/** What `secrets rotate --json` prints. */
export const rotationResultSchema = z.object({
  rotated: names.describe(
    'Secrets that have a new value, those of a rotation among them that was broken off.',
  ),
  restarted: names.describe('Services that were made anew with it.'),
  left: whys.describe('With --all: secrets that keep their value, and why.'),
  waiting: whys.describe('Begun by a run that was broken off, and not to be finished now.'),
  seconds: z.number(),
});
export type RotationResult = z.output<typeof rotationResultSchema>;

/** What it prints with `--dry-run`. */
export const rotationPreviewSchema = z.object({
  rotate: z
    .array(
      z.object({
        name: z.string(),
        bytes: z.number().int().describe('Random bytes of the new value.'),
        set: z.string().describe('Where its value is set and tried.'),
        readers: names.describe('Services that are made anew with it.'),
        kept: names.describe('Services that read it and run on.'),
      }),
    )
    .readonly(),
  left: whys,
  waiting: whys,
  unfinished: z.object({ begun: names, swapped: names }).describe('Left by a run that was broken off.'),
}) satisfies z.ZodType<RotationPlan>;

export interface RotateOptions {
  /** Null: everything that can be rotated. */
  readonly names: readonly string[] | null;
  readonly dryRun: boolean;
  /** How long the gateway takes the old key of a consumer beside the new one. */
  readonly keyOverlapSeconds: number;
  readonly waitLockSeconds: number;
}

/**
 * Gives secrets new values while everything runs.
 * @throws ApictlError of `planRotation` before anything is touched, of `applyRotation` later
 */
export async function rotate(
  world: World,
  project: Project,
  options: RotateOptions,
): Promise<RotationResult | { readonly plan: RotationPlan }> {
  const startedMs = world.clock.now();
  const specs = secretsOf(project.config);
  const look = async () =>
    rotationFacts(world, project, await world.engine.containers(project.config.project));
  if (options.dryRun) return { plan: planRotation(specs, options.names, await look()) };
  const lock = { command: 'secrets rotate', waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, async (held) => {
    const plan = planRotation(specs, options.names, await look());
    // A project that was never up has none yet.
    await prepareFolder(world.files, project.root);
    const { rotated, restarted } = await runRotation(
      world,
      project,
      plan.rotate.map(({ name }) => name),
      {
        plan,
        keyOverlapSeconds: options.keyOverlapSeconds,
        bring: bringServices(world, project, held),
      },
    );
    const { left, waiting } = plan;
    return { rotated, restarted, left, waiting, seconds: (world.clock.now() - startedMs) / 1000 };
  }).catch((thrown: unknown) => {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; what was begun is finished by the next run',
      hint: 'Run "apictl secrets rotate" again, or "apictl up".',
    });
  });
}
