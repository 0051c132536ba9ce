import type { LoadProject } from '../../app/backup/restore.ts';
import { loadProject } from '../../app/project/project.ts';
import type { Context } from '../context.ts';

/** The project of the global options, again and again: a restore changes its configuration. */
export const loader =
  ({ world, globals }: Context): LoadProject =>
  (files = world.files) =>
    loadProject({ ...pick(world), files }, { config: globals.config, project: globals.project });

const pick = ({ environment, workingFolder }: Context['world']) => ({ environment, workingFolder });
