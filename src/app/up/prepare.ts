import type { Flavour, Profile } from '../../config/choices.ts';
import { step } from '../../core/events.ts';
import type { EngineFacts, VolumeFacts } from '../../core/ports/engine.ts';
import { applySecretPlan } from '../../secrets/apply.ts';
import { secretsOf } from '../../secrets/model.ts';
import { planSecrets } from '../../secrets/plan.ts';
import { readSecretStates } from '../../secrets/read.ts';
import { findCertificates, makeCertificates, planProjectCertificates } from '../certs/make.ts';
import { chooseFlavour } from '../images/images.ts';
import { type Present, presentOf } from '../project/present.ts';
import { chooseProfiles } from '../project/profiles.ts';
import type { Project } from '../project/project.ts';
import { volumeKeys } from '../project/volume-keys.ts';
import { folderToRepair, tellWarnings } from '../secrets/init.ts';
import type { World } from '../world.ts';

/** What is decided before anything is made. */
export interface Choice extends Present {
  readonly facts: EngineFacts;
  readonly profiles: readonly Profile[];
  readonly flavour: Flavour;
}

/** Decides profiles and flavour by what is present, which is looked at where it is not known yet. Writes nothing. */
export async function choose(
  world: World,
  project: Project,
  facts: EngineFacts,
  known?: Present,
): Promise<Choice> {
  const present = known ?? (await presentOf(world, project));
  const { profiles, note } = chooseProfiles(project.config, facts.memoryBytes);
  if (note !== undefined) world.emit({ type: 'note', text: note });
  const choice = await chooseFlavour(world, project, { ...present, facts, profiles });
  // A sticky choice is no news.
  if (present.containers.length === 0)
    world.emit({ type: 'note', text: `${choice.flavour} images: ${choice.because}` });
  if (choice.warning !== undefined) world.emit({ type: 'warning', text: choice.warning });
  return { ...present, facts, profiles, flavour: choice.flavour };
}

/** Generates missing secrets and unfit certificates; what is there and fit stays. Says whether it made any. */
export async function prepareSecrets(
  world: World,
  project: Project,
  volumes: readonly VolumeFacts[],
): Promise<boolean> {
  const { root, config } = project;
  const specs = secretsOf(config);
  const plan = planSecrets(
    specs,
    await readSecretStates(world.files, root, specs),
    volumeKeys(volumes, config.project),
  );
  const certificates = planProjectCertificates(world, project, await findCertificates(world, project));
  const loose = [...(await folderToRepair(world, root)), ...plan.chmod.map(({ path }) => path)];
  if (loose.length > 0)
    world.emit({ type: 'warning', text: `gives ${loose.join(', ')} the mode that secrets have` });
  tellWarnings(world, plan);
  const work = () => applySecretPlan(plan, world, root);
  if (plan.generate.length > 0)
    await step(world.emit, `generate ${plan.generate.length} secrets`, world.clock.now, work);
  else if (loose.length > 0) await work();
  const made = await makeCertificates(world, project, certificates);
  return plan.generate.length > 0 || made;
}
