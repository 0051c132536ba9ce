import { Alertmanager } from '../../monitoring/alertmanager.ts';
import { trustingHttp } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { doorUrl } from '../project/urls.ts';
import type { World } from '../world.ts';

/** The Alertmanager of a project, through its published port. */
export const alertmanagerOf = (world: Pick<World, 'http' | 'files'>, project: Project): Alertmanager =>
  new Alertmanager(trustingHttp(world, project), doorUrl(project.config, 'alertmanager'));

export const prometheusUrl = ({ config }: Project): string => doorUrl(config, 'prometheus');
