import { mirrored } from '../../../stack/images/mirror.ts';
import type { Project } from '../../project/project.ts';

/** Where the engine has a locked reference from: the mirror, but for what the user names. */
export const placeOf = ({ config }: Pick<Project, 'config'>, reference: string): string =>
  mirrored(reference, reference === config.backends.image ? undefined : config.registry.mirror);
