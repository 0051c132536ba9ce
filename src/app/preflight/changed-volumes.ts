import { ApictlError, EXIT } from '../../core/errors.ts';
import type { VolumeFacts } from '../../core/ports/engine.ts';
import { type ChangedVolume, findChangedVolumes } from '../../stack/plan/changed-volumes.ts';
import type { Project } from '../project/project.ts';
import { overrideFile } from '../render/override-file.ts';
import type { World } from '../world.ts';

/** The project's volumes that its compose.override.yaml declares otherwise than they were made. */
export async function changedVolumes(
  world: Pick<World, 'files'>,
  project: Project,
  volumes: readonly VolumeFacts[],
): Promise<readonly ChangedVolume[]> {
  const override = await world.files.read(overrideFile(project.root));
  return override === null ? [] : findChangedVolumes(override.toString('utf8'), volumes);
}

/** @throws ApictlError VOLUME_CHANGED (64) that names every volume and what differs. */
export function refuseChangedVolumes(changed: readonly ChangedVolume[]): void {
  const [first] = changed;
  if (first === undefined) return;
  throw new ApictlError({
    code: 'VOLUME_CHANGED',
    exitCode: EXIT.usage,
    message: `compose.override.yaml declares ${changed.length === 1 ? `the volume ${first.name}` : `${changed.length} volumes`} otherwise than made; nothing was touched`,
    object: changed.map(({ name }) => `volume ${name}`).join(', '),
    details: changed.flatMap(({ name, differences }) => differences.map((text) => `${name}: ${text}`)),
    hint: `A volume cannot be changed. Take the declaration back, or give up its data: "apictl down", then "docker volume rm ${first.name}".`,
  });
}
