import type { AdminAnswer, AdminClient, Entity } from '../admin/client.ts';
import { KINDS } from '../model/kinds.ts';
import { type Fields, isFields } from '../model/value.ts';
import { pathOf, type Release, type Write } from '../plan/plan.ts';
import type { LiveEntity } from '../read/state.ts';
import type { Done } from './apply.ts';
import { type Freeing, madeBy, releasesAlone, undoPlan } from './undo-plan.ts';
import { send } from './write.ts';

export interface Undone {
  /** What could not be undone. */
  readonly left: readonly Done[];
  /** Unique values that were given up, by the seed or for undoing it, and not taken again. */
  readonly givenUp: readonly Pick<Freeing, 'kind' | 'id' | 'field'>[];
  /** Why it stopped; absent where it went through. */
  readonly failure?: unknown;
}

/**
 * Takes back what was done, the last level first, all entities of a level at once. Left over is what Kong keeps only a hash of, and, after
 * the first failure, everything else, because it depends on what failed.
 */
export async function undo(client: AdminClient, steps: readonly Done[]): Promise<Undone> {
  const { freeing, groups, impossible } = undoPlan(steps);
  const freed = new Set<Freeing>();
  const undone = new Set<Done>();
  let failure: unknown;
  try {
    await client.all(freeing, async (one) => {
      freed.add(one);
      await send(client, one.write).catch(async (thrown: unknown) => {
        const isFree = await isGivenUp(client, one.write).catch(() => undefined);
        if (isFree === true) return;
        if (isFree === false) freed.delete(one);
        throw thrown;
      });
    });
    for (const group of groups) {
      await client.all(group, async ({ step, write }) => {
        await sendUnlessUndone(client, step, write);
        undone.add(step);
      });
    }
  } catch (thrown) {
    // Told by the caller: it says what is left.
    failure = thrown;
  }
  const reversals = groups.flat().map(({ step }) => step);
  const left = reversals.filter((step) => !undone.has(step)).reverse();
  const isLeft = new Set(left.flatMap((step) => (step.what === 'change' ? [step.change.id] : [])));
  const givenUp = [
    ...[...freed].filter(({ id }) => isLeft.has(id)),
    ...releasesAlone(left).map(({ holder: { kind, id }, field }) => ({ kind, id, field })),
  ];
  return {
    left: [...left, ...impossible],
    givenUp,
    ...(failure === undefined ? {} : { failure }),
  };
}

export interface Lost {
  readonly step: Done;
  /** Whether Kong has carried it out; undefined where Kong cannot be asked. */
  readonly isApplied: boolean | undefined;
}

/** Asks Kong what became of writes whose answers were lost. A name that was given up before is no sign of the change that takes another. */
export const askAfter = (
  client: AdminClient,
  unclear: readonly Done[],
  releases: readonly Release[],
): Promise<readonly Lost[]> =>
  Promise.all(
    unclear.map(async (step) => ({
      step,
      isApplied: await isAsBefore(client, step, step.what === 'change' ? releases : []).then(
        (isSame) => !isSame,
        () => undefined,
      ),
    })),
  );

async function isGivenUp(client: AdminClient, { path, body = {} }: Write): Promise<boolean> {
  const answer = await client.send('GET', path);
  const found = (answer.body ?? {}) as Partial<Entity>;
  return Object.entries(body).every(([field, value]) => found[field] === value);
}

/** A lost answer to the reversal is no failure where Kong has carried it out. */
async function sendUnlessUndone(client: AdminClient, step: Done, write: Write): Promise<void> {
  try {
    await send(client, write);
  } catch (thrown) {
    if (!(await isAsBefore(client, step))) throw thrown;
  }
}

async function isAsBefore(
  client: AdminClient,
  step: Done,
  releases: readonly Release[] = [],
): Promise<boolean> {
  const before = step.what === 'release' ? step.release.holder : step.change.before;
  const path =
    step.what === 'change' && before === undefined
      ? madeBy(step.change.write)
      : before === undefined
        ? ''
        : pathOf(before.kind, before.id, before.fields);
  const answer = await client.send('GET', path);
  if (answer.status === 404) return before === undefined;
  if (answer.status !== 200 || before === undefined) return false;
  if (KINDS[before.kind].linksTo !== undefined) return true;
  const given = releases.filter(({ holder }) => holder.id === before.id).map(({ write }) => write.body ?? {});
  return before.isLiterally(withNamesOf(before, entityIn(answer), Object.assign({}, ...given)));
}

/** Kong tells of a consumer group together with what is in it. */
const entityIn = ({ body }: AdminAnswer): Entity => {
  const { consumer_group: group } = body as { readonly consumer_group?: unknown };
  return (isFields(group) && 'name' in group ? group : body) as Entity;
};

/** What was only given up for the time being has the old value again. */
function withNamesOf(before: LiveEntity, answer: Entity, released: Fields): Entity {
  const old = before.restoringBody();
  const names = Object.keys(released).filter((field) => answer[field] === released[field]);
  return { ...answer, ...Object.fromEntries(names.map((field) => [field, old[field] ?? null])) };
}
