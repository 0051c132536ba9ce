import type { ImagePlan } from '../../stack/images/model.ts';
import { needsCompose } from '../../stack/plan/plan.ts';
import { publishedPorts, type WantedPort } from '../../stack/render/published-ports.ts';
import { checkAlerting, type ToolResult } from '../alerts/check.ts';
import { planProjectImages } from '../images/images.ts';
import { changedVolumes, refuseChangedVolumes } from '../preflight/changed-volumes.ts';
import { refuseLowDisk } from '../preflight/preflight.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { composeVersionOf } from './compose-version.ts';
import { type Drawing, type Drawn, drawing } from './draw.ts';
import type { UpOptions, UpVariant } from './model.ts';
import { refuseWrongOverride } from './override-check.ts';
import { portsToBeginWith, settlePorts } from './ports.ts';
import { type Choice, prepareSecrets } from './prepare.ts';

/** What an `up` goes by once everything that could refuse it has been asked. */
export interface Decided {
  /** With the ports that are used. */
  readonly project: Project;
  readonly drawn: Drawn;
  readonly planAgain: Drawing['planAgain'];
  readonly images: ImagePlan;
  /** What the check programs have read of the alerting. */
  readonly read: readonly ToolResult[];
}

/**
 * Settles ports, secrets and certificates, and draws the stack with them. Nothing in the engine is touched; where it is only asked
 * what would be done, nothing is refused and no file is written.
 * @throws ApictlError of whatever stands in the way, before anything is made that it makes useless
 */
export async function decide(
  world: World,
  given: Project,
  run: {
    readonly options: UpOptions;
    readonly variant: Pick<UpVariant, 'services'>;
    readonly choice: Choice;
  },
): Promise<Decided> {
  const { options, variant, choice } = run;
  const before = await portsToBeginWith(world, given, options.ports);
  if (!options.dryRun) await refuseLowDisk(world, before.project, choice.facts);
  const compose = composeVersionOf(world, choice);
  const planned = planProjectImages(world, before.project, choice);
  const { draw, planAgain } = drawing(world, choice, planned, variant.services);
  const images = await planned;
  const version = await compose.known();
  const first = await draw(before.project, version);
  if (options.dryRun) return { project: before.project, drawn: first, planAgain, images, read: [] };
  refuseChangedVolumes(await changedVolumes(world, before.project, choice.volumes));
  const read = await checkAlerting(world, before.project, first.stack, { remember: true });
  // Before anything is made: a port that is held makes all the rest useless.
  const isWanted = ({ service }: WantedPort): boolean => first.graph.some(({ name }) => name === service);
  const wanted = publishedPorts(first.stack.compose).filter(isWanted);
  const project = await settlePorts(world, before, { wish: options.ports, wanted, choice });
  await compose.usable();
  if (needsCompose(first.plan)) await refuseWrongOverride(world, project, first.stack);
  // What is made changes the digests of what mounts it.
  const isStale = (await prepareSecrets(world, project, choice.volumes)) || project !== before.project;
  let drawn = isStale ? await draw(project, version) : first;
  const actual = needsCompose(drawn.plan) ? await compose.differing() : undefined;
  if (actual !== undefined) drawn = await draw(project, actual);
  return { project, drawn, planAgain, images, read };
}
