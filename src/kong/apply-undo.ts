import type { AdminAnswer, AdminClient, Entity } from './admin-client.ts';
import type { Done } from './apply.ts';
import { isHashedByKong } from './diff.ts';
import { KINDS } from './kinds.ts';
import { creation, patching, pathOf, type Release, type Write } from './plan.ts';
import type { LiveEntity } from './read.ts';
import { type Fields, isFields } from './value.ts';
import { send } from './write.ts';

export interface Undone {
  /** What could not be undone. */
  readonly left: readonly Done[];
  /** Names that were given up, by the seed or for undoing it, and not taken again. */
  readonly givenUp: readonly Release[];
}

/**
 * Takes back what was done, the last first, one after the other: what was created goes, what was changed or deleted is written as Kong
 * had it. Left over is what Kong keeps only a hash of, and, after the first failure, everything else, because it depends on what failed.
 */
export async function undo(client: AdminClient, steps: readonly Done[]): Promise<Undone> {
  const impossible: Done[] = [];
  const left = [...steps];
  const freed = new Set<Release>();
  try {
    for (const release of namesToFree(steps)) {
      freed.add(release);
      await send(client, release.write).catch(async (thrown: unknown) => {
        if (!(await isGivenUp(client, release).catch(() => true))) freed.delete(release);
        throw thrown;
      });
    }
    for (let step = left.at(-1); step !== undefined; step = left.at(-1)) {
      const write = reversal(step);
      if (write === undefined) impossible.unshift(step);
      else await sendUnlessUndone(client, step, write);
      left.pop();
    }
  } catch {
    // Told by the caller: it says what is left, and the first failure's reason.
  }
  const changed = changedBy(left);
  const givenUp = left.flatMap((step) =>
    step.what === 'release' && (freed.has(step.release) || !changed.has(step.release.holder.id))
      ? [step.release]
      : [],
  );
  return { left: [...left, ...impossible], givenUp };
}

const changedBy = (steps: readonly Done[]): ReadonlySet<string> =>
  new Set(steps.flatMap((step) => (step.what === 'change' ? [step.change.id] : [])));

/** Entities that exchanged names cannot have them back one after the other while both hold one. */
function namesToFree(steps: readonly Done[]): readonly Release[] {
  const changed = changedBy(steps);
  return steps.flatMap((step) =>
    step.what === 'release' && changed.has(step.release.holder.id) ? [step.release] : [],
  );
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

async function isGivenUp(client: AdminClient, { holder, field, write }: Release): Promise<boolean> {
  const answer = await client.send('GET', pathOf(holder.kind, holder.id, holder.fields));
  return (answer.body as Partial<Entity> | undefined)?.[field] === write.body?.[field];
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

const madeBy = ({ makes, path }: Write): string => makes ?? path;

/** What takes a step back; undefined where Kong has only a hash of what it would need. */
function reversal(step: Done): Write | undefined {
  if (step.what === 'release') return restoring(step.release.holder, false);
  const { change } = step;
  const { action, before } = change;
  if (before === undefined) return { method: 'DELETE', path: madeBy(change.write) };
  const [hashed] = hashedFields(before);
  if (hashed === undefined) return restoring(before, action === 'delete');
  // The same secret before and after: then it is at hand.
  const secret = change.write.body?.[hashed];
  if (action === 'delete' || hashed in change.fields || secret == null) return undefined;
  return restoring(before, false, { [hashed]: secret });
}

const hashedFields = ({ kind, fields }: LiveEntity): readonly string[] => {
  if (kind === 'basic-auth') return ['password'];
  return isHashedByKong(kind, fields) ? ['client_secret'] : [];
};

function restoring(entity: LiveEntity, isGone: boolean, secret: Fields = {}): Write {
  const { kind, id, fields } = entity;
  const body: Fields = { ...entity.restoringBody(), ...secret };
  const patch = isGone ? undefined : patching(kind, pathOf(kind, id, fields), body);
  return patch ?? creation(kind, id, fields, body);
}
