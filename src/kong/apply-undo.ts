import type { AdminClient, Entity } from './admin-client.ts';
import type { Done } from './apply.ts';
import { isHashedByKong } from './diff.ts';
import { KINDS } from './kinds.ts';
import { type Change, pathOf, type Write } from './plan.ts';
import type { LiveEntity } from './read.ts';
import type { Fields } from './value.ts';
import { send } from './write.ts';

/**
 * Takes back what was done, the last first, one after the other: what was created goes, what was changed or deleted is written as Kong
 * had it. Gives back what could not be undone: what Kong keeps only a hash of, and, after the first failure, everything that is left,
 * because it depends on what failed.
 */
export async function undo(client: AdminClient, steps: readonly Done[]): Promise<readonly Done[]> {
  const impossible: Done[] = [];
  const left = [...steps];
  try {
    await freeNames(client, steps);
    for (let step = left.at(-1); step !== undefined; step = left.at(-1)) {
      const write = reversal(step);
      if (write === undefined) impossible.unshift(step);
      else await sendUnlessUndone(client, step, write);
      left.pop();
    }
  } catch {
    // Told by the caller: it says what is left, and the first failure's reason.
  }
  return [...left, ...impossible];
}

export interface Lost {
  readonly step: Done;
  /** Whether Kong has carried it out; undefined where Kong cannot be asked. */
  readonly isApplied: boolean | undefined;
}

/** Asks Kong what became of writes whose answers were lost. */
export const askAfter = (client: AdminClient, unclear: readonly Done[]): Promise<readonly Lost[]> =>
  Promise.all(
    unclear.map(async (step) => ({
      step,
      isApplied: await isAsBefore(client, step).then(
        (isSame) => !isSame,
        () => undefined,
      ),
    })),
  );

/** Entities that exchanged names cannot have them back one after the other while both hold one. */
async function freeNames(client: AdminClient, steps: readonly Done[]): Promise<void> {
  const changed = new Set(steps.flatMap((step) => (step.what === 'change' ? [step.change.id] : [])));
  const released = steps.flatMap((step) =>
    step.what === 'release' && changed.has(step.release.holder.id) ? [step.release] : [],
  );
  for (const { write } of released) await send(client, write);
}

/** A lost answer to the reversal is no failure where Kong has carried it out. */
async function sendUnlessUndone(client: AdminClient, step: Done, write: Write): Promise<void> {
  try {
    await send(client, write);
  } catch (thrown) {
    if (!(await isAsBefore(client, step))) throw thrown;
  }
}

async function isAsBefore(client: AdminClient, step: Done): Promise<boolean> {
  const before = step.what === 'release' ? step.release.holder : step.change.before;
  const path =
    step.what === 'change' && before === undefined
      ? createdPath(step.change)
      : before === undefined
        ? ''
        : pathOf(before.kind, before.id, before.fields);
  const answer = await client.send('GET', path);
  if (answer.status === 404) return before === undefined;
  return answer.status === 200 && before?.isLiterally(answer.body as Entity) === true;
}

const createdPath = ({ kind, write, id }: Change): string =>
  KINDS[kind].createdBy === 'POST' ? `${write.path}/${id}` : write.path;

/** What takes a step back; undefined where Kong has only a hash of what it would need. */
function reversal(step: Done): Write | undefined {
  if (step.what === 'release') return restoring(step.release.holder, 'PUT');
  const { change } = step;
  const { action, before } = change;
  if (before === undefined) return { method: 'DELETE', path: createdPath(change) };
  const [hashed] = hashedFields(before);
  if (hashed === undefined) return restoring(before, action === 'delete' ? 'POST' : 'PATCH');
  // The same secret before and after: then it is at hand.
  const secret = change.write.body?.[hashed];
  if (action === 'delete' || hashed in change.fields || secret == null) return undefined;
  return restoring(before, 'PUT', { [hashed]: secret });
}

const hashedFields = ({ kind, fields }: LiveEntity): readonly string[] => {
  if (kind === 'basic-auth') return ['password'];
  return isHashedByKong(kind, fields) ? ['client_secret'] : [];
};

/** `method` is for targets, which have no PUT. */
function restoring(entity: LiveEntity, method: 'POST' | 'PATCH' | 'PUT', secret: Fields = {}): Write {
  const path = pathOf(entity.kind, entity.id, entity.fields);
  const body = { ...entity.restoringBody(), ...secret };
  if (KINDS[entity.kind].createdBy === 'PUT') return { method: 'PUT', path, body };
  return method === 'POST'
    ? { method, path: path.slice(0, path.lastIndexOf('/')), body }
    : { method: 'PATCH', path, body: { weight: body.weight ?? null, tags: body.tags ?? null } };
}
