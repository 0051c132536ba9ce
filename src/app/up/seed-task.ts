import { step } from '../../core/events.ts';
import type { Graph } from '../../stack/graph/graph.ts';
import { isBackend } from '../../stack/render/backends.ts';
import { RETIRE_TASK } from '../../stack/rollout/rolling.ts';
import type { Task } from '../../stack/schedule/run-graph.ts';
import type { Project } from '../project/project.ts';
import { stackUrls } from '../project/urls.ts';
import { DEFAULT_SEED, type SeedResult, seed } from '../seed/seed.ts';
import type { World } from '../world.ts';

/**
 * Seeding is a node of the graph: it runs as soon as the gateway and its backends are ready, whatever else still starts.
 * Where the gateway is no part of this run, there is nothing to seed.
 */
export function seedTasks(world: World, project: Project, graph: Graph): Task[] {
  const names = graph.map(({ name }) => name);
  if (!names.includes('kong')) return [];
  return [
    {
      id: 'seed',
      dependsOn: [...names.filter((name) => name === 'kong' || isBackend(name)), RETIRE_TASK],
      run: async () => {
        await step(
          world.emit,
          'seed Kong',
          world.clock.now,
          () => seed(world, project, DEFAULT_SEED),
          writtenText,
        );
        world.emit({ type: 'url.ready', name: 'proxy', url: stackUrls(project.config, names).proxy ?? '' });
      },
    },
  ];
}

/** `1 created, 2 deleted`; nothing where Kong was as declared. */
export function writtenText({ created, updated, deleted }: SeedResult): string | undefined {
  const counts = Object.entries({ created, updated, deleted }).filter(([, count]) => count > 0);
  return counts.length === 0 ? undefined : counts.map(([what, count]) => `${count} ${what}`).join(', ');
}
