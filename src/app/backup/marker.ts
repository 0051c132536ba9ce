import { ApictlError, EXIT } from '../../core/errors.ts';
import type { VolumeFacts } from '../../core/ports/engine.ts';
import { refuseNewerState } from '../../core/state-file.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/**
 * The sign that a restore has begun and not ended. It is a volume, so it lies where the data lies: nothing on this machine's disk
 * has to be kept for it, and `down --volumes`, which removes the data, removes it too.
 */

const PROJECT_LABEL = 'com.docker.compose.project';
const FORMAT = 1;
const FORMAT_LABEL = 'io.apictl.restore.format';
const FILE_LABEL = 'io.apictl.restore.file';
const REPLACES_LABEL = 'io.apictl.restore.replaces';

export const markerName = (project: string): string => `${project}_restore-incomplete`;

export interface Marker {
  /** The archive that is being restored, for people. */
  readonly file: string;
  /** Whether what was there before may be overwritten: it was saved, or given up. */
  readonly replaces: boolean;
}

/** @throws ApictlError STATE_NEWER (64) for one of a newer apictl */
export const readMarker = async (
  { engine }: Pick<World, 'engine'>,
  project: Pick<Project, 'config'>,
): Promise<Marker | null> => markerAmong(await engine.volumes(project.config.project), project);

function markerAmong(volumes: readonly VolumeFacts[], { config }: Pick<Project, 'config'>): Marker | null {
  const name = markerName(config.project);
  const volume = volumes.find((one) => one.name === name);
  if (volume === undefined) return null;
  refuseNewerState(Number(volume.labels[FORMAT_LABEL] ?? 1), FORMAT, `volume ${name}`);
  return { file: volume.labels[FILE_LABEL] ?? '', replaces: volume.labels[REPLACES_LABEL] === 'true' };
}

export const setMarker = (
  { engineData }: Pick<World, 'engineData'>,
  { config }: Pick<Project, 'config'>,
  { file, replaces }: Marker,
): Promise<void> =>
  engineData.makeVolume(markerName(config.project), {
    [PROJECT_LABEL]: config.project,
    [FORMAT_LABEL]: String(FORMAT),
    [FILE_LABEL]: file,
    [REPLACES_LABEL]: String(replaces),
  });

export const removeMarker = (
  { engine }: Pick<World, 'engine'>,
  { config }: Pick<Project, 'config'>,
): Promise<void> => engine.removeVolume(markerName(config.project));

/** @throws ApictlError RESTORE_INCOMPLETE (3) where a restore was ended half-way, STATE_NEWER (64) by a newer apictl */
export function refuseIncomplete(volumes: readonly VolumeFacts[], project: Pick<Project, 'config'>): void {
  const marker = markerAmong(volumes, project);
  if (marker === null) return;
  throw new ApictlError({
    code: 'RESTORE_INCOMPLETE',
    exitCode: EXIT.partial,
    message: `the restore of ${marker.file} was ended half-way, so what is there is not whole; nothing was started`,
    object: `project ${project.config.project}`,
    hint: incompleteHint(marker),
  });
}

export const incompleteHint = ({ file }: Marker): string =>
  `Run "apictl restore ${file}" again, which begins anew and finishes it, or "apictl down --volumes" to give the data up.`;
