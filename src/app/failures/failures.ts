import { diagnose } from '../../diagnosis/diagnose.ts';
import type { FailureFacts } from '../../diagnosis/model.ts';
import { diskFull } from '../../diagnosis/recognisers/disk-full.ts';
import { type Dependencies, type Explained, explainUpstream } from '../../diagnosis/upstream.ts';
import { maskOfSecrets } from '../project/masking.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { gatherFacts, type Unwell, upstreamLog } from './explain.ts';
import { roomOfVolumes } from './room.ts';

export interface Stack {
  readonly dependencies: Dependencies;
  /** Service -> id of its container. */
  readonly containerIds: ReadonlyMap<string, string>;
}

export interface Failure {
  readonly facts: FailureFacts;
  readonly explained: Explained;
}

/** Looks at everything that is not well and names the causes, what failed first before what failed because of it. */
export async function explainFailures(
  world: Pick<World, 'engine' | 'files'>,
  project: Project,
  unwell: readonly Unwell[],
  stack: Stack,
): Promise<Failure[]> {
  if (unwell.length === 0) return [];
  const mask = await maskOfSecrets(world, project);
  const facts = await Promise.all(
    unwell.map(async (one) => {
      const known = await gatherFacts(world.engine, one, mask);
      const { rule, weight } = diagnose(known);
      if (rule === diskFull.id && known.details !== null)
        return { ...known, room: await roomOfVolumes(world, known.details).catch(() => []) };
      if (weight === 'certain') return known;
      const { dependencies, containerIds } = stack;
      return {
        ...known,
        upstreamLog: await upstreamLog(world.engine, known, dependencies, containerIds, mask),
      };
    }),
  );
  const byService = new Map(facts.map((known) => [known.service, known]));
  const diagnoses = new Map(facts.map((known) => [known.service, diagnose(known)]));
  return explainUpstream(diagnoses, stack.dependencies).flatMap((explained) => {
    const known = byService.get(explained.service);
    return known === undefined ? [] : [{ facts: known, explained }];
  });
}
