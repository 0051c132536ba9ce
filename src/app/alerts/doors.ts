import { Alertmanager } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project.ts';
import { trustingHttp } from '../trust.ts';
import { doorUrl } from '../urls.ts';
import type { World } from '../world.ts';

/** The Alertmanager of a project, through its published port. */
export const alertmanagerOf = (world: Pick<World, 'http' | 'files'>, project: Project): Alertmanager =>
  new Alertmanager(trustingHttp(world, project), doorUrl(project.config, 'alertmanager'));

export const prometheusUrl = ({ config }: Project): string => doorUrl(config, 'prometheus');
