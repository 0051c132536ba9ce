import { Alertmanager } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project.ts';
import { hostOf } from '../urls.ts';
import type { World } from '../world.ts';

/** The Alertmanager of a project, through its published port. */
export const alertmanagerOf = ({ http }: Pick<World, 'http'>, { config }: Project): Alertmanager =>
  new Alertmanager(http, `http://${hostOf(config.bind)}:${config.ports.alertmanager}`);

export const prometheusUrl = ({ config }: Project): string =>
  `http://${hostOf(config.bind)}:${config.ports.prometheus}`;
