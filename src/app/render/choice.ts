import type { Flavour, Profile } from '../../config/choices.ts';
import { chooseFlavour } from '../images/images.ts';
import { presentOf } from '../project/present.ts';
import { chooseProfiles } from '../project/profiles.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** What every engine of the reference kind understands. */
const OLDEST_API = '1.41';

/**
 * The choices of a rendering that needs no engine: where one answers, it is asked; where none does, the file is written so
 * that every supported engine accepts it.
 */
export async function renderChoice(
  world: World,
  project: Project,
): Promise<{
  readonly flavour: Flavour;
  readonly profiles: readonly Profile[];
  readonly engineApiVersion: string;
  readonly composeVersion: string;
  /** Whether an engine answered. */
  readonly hasEngine: boolean;
}> {
  const facts = await world.engine.facts().catch(() => null);
  const composeVersion = await world.compose.version().catch(() => '');
  if (facts === null) {
    const { images, profiles } = project.config;
    return {
      flavour: images === 'auto' ? 'official' : images,
      profiles: profiles ?? ['core', 'monitoring'],
      engineApiVersion: OLDEST_API,
      composeVersion,
      hasEngine: false,
    };
  }
  const { profiles } = chooseProfiles(project.config, facts.memoryBytes);
  const present = await presentOf(world, project);
  const { flavour } = await chooseFlavour(world, project, { ...present, facts, profiles });
  return { flavour, profiles, engineApiVersion: facts.apiVersion, composeVersion, hasEngine: true };
}
