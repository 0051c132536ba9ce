import { messageOf } from '../../core/errors.ts';
import type { Declared } from '../../kong/format/flatten.ts';
import { declaredOf } from '../../kong/seed.ts';
import { pluginsOn, textsIn } from '../../kong/verify/probe.ts';
import { SAMPLE, type SampleName } from '../../smoke/model.ts';
import type { Project } from '../project/project.ts';
import { DEFAULT_SEED, seedInput } from '../seed/seed.ts';
import type { World } from '../world.ts';

/** Route -> the path under which it is asked. */
const ROUTES = { api: '/api', 'gateway-health': '/healthz', partner: '/partner' } as const;

/** What of the packaged gateway the project's declared state has too: only that can be proved by asking for it. Pure. */
export function sampleIn(declared: readonly Declared[]): ReadonlySet<SampleName> {
  const found = Object.entries(ROUTES).flatMap(([name, path]) => {
    const route = declared.find((entity) => entity.kind === 'route' && entity.name === name);
    if (route === undefined || !textsIn(route.fields.paths).includes(path)) return [];
    const plugins = pluginsOn(route, declared).map(({ fields }) => `${String(fields.name)} on ${name}`);
    return [`route ${name}`, ...plugins];
  });
  return new Set(SAMPLE.filter((name) => found.includes(name)));
}

/** The same of the project's files; where they cannot be read all of it is asked for, and that is said. */
export async function declaredSample(world: World, project: Project): Promise<ReadonlySet<SampleName>> {
  try {
    return sampleIn(await declaredOf(await seedInput(world, project, DEFAULT_SEED)));
  } catch (thrown) {
    world.signal.throwIfAborted();
    world.emit({
      type: 'warning',
      text: `what is declared cannot be told, so everything of the packaged gateway is asked for: ${messageOf(thrown)}`,
    });
    return new Set(SAMPLE);
  }
}
