import { PORT_NAMES, type Ports } from '../../config/ports.ts';
import type { WantedPort } from '../../stack/render/published-ports.ts';
import { nextFreePorts } from '../ports/free.ts';
import {
  type PortMemory,
  readPortMemory,
  withMemory,
  withoutMemory,
  writePortMemory,
} from '../ports/memory.ts';
import { heldPorts, isHere, refuseHeldPorts } from '../preflight/preflight.ts';
import { apictlFolder, type Project } from '../project/project.ts';
import type { World } from '../world.ts';
import type { UpOptions } from './model.ts';
import type { Choice } from './prepare.ts';

/** A project, and its ports as the configuration has them: where others are used, `project.config` has those. */
export interface ProjectWithPorts {
  readonly project: Project;
  readonly configured: Ports;
}

/** The ports that this run begins with: those that an `up` before has written while this one waited for the lock, too. */
export async function portsToBeginWith(
  world: Pick<World, 'files'>,
  project: Project,
  wish: UpOptions['ports'],
): Promise<ProjectWithPorts> {
  const memory = await readPortMemory(world.files, apictlFolder(project.root));
  const configured = withoutMemory(project.config, memory);
  const config = wish === 'configured' ? configured : withMemory(configured, memory);
  return { project: { ...project, config }, configured: configured.ports };
}

/**
 * Sees that every wanted port can be had, where it is wished by taking others, and remembers those.
 * @throws ApictlError PORT_HELD, PORTS_EXHAUSTED (8) before anything is made
 */
export async function settlePorts(
  world: Pick<World, 'files' | 'sockets' | 'engine' | 'emit'>,
  { project, configured }: ProjectWithPorts,
  request: {
    readonly wish: UpOptions['ports'];
    readonly wanted: readonly WantedPort[];
    readonly choice: Choice;
  },
): Promise<Project> {
  const { wish, wanted, choice } = request;
  const { endpoint } = choice.facts;
  const { ports } = project.config;
  const held = await heldPorts(world, wanted, choice.containers, endpoint);
  if (wish === 'free' && !isHere(endpoint)) {
    world.emit({
      type: 'warning',
      text: 'the ports of an engine on another machine cannot be looked at: they stay as they are',
    });
  }
  const moved = wish === 'free' ? await nextFreePorts(world, project.config, held, endpoint) : {};
  refuseHeldPorts(
    held.filter(({ port }) => !PORT_NAMES.some((name) => ports[name] === port && moved[name] !== undefined)),
  );
  for (const { port, service, holder } of held) {
    const name = PORT_NAMES.find((candidate) => ports[candidate] === port);
    if (name === undefined) continue;
    world.emit({
      type: 'note',
      text: `port ${port} is ${holder}: ${service} is published on ${moved[name]} (ports.${name})`,
    });
  }
  const settled =
    held.length === 0
      ? project
      : { ...project, config: { ...project.config, ports: { ...ports, ...moved } } };
  await remember(world, settled, configured);
  return settled;
}

/** Writes what differs from the configuration; what lapsed or is as configured is forgotten. */
async function remember(
  world: Pick<World, 'files'>,
  { root, config }: Project,
  configured: Ports,
): Promise<void> {
  const folder = apictlFolder(root);
  const now: PortMemory = Object.fromEntries(
    PORT_NAMES.filter((name) => config.ports[name] !== configured[name]).map((name) => [
      name,
      { configured: configured[name], used: config.ports[name] },
    ]),
  );
  const before = await readPortMemory(world.files, folder);
  if (JSON.stringify(now) !== JSON.stringify(before)) await writePortMemory(world.files, folder, now);
}
