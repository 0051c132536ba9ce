import type { AdminClient } from './admin-client.ts';
import type { Done } from './apply.ts';
import { KINDS } from './kinds.ts';
import { pathOf, type Write } from './plan.ts';
import type { LiveEntity } from './read.ts';
import type { Fields } from './value.ts';
import { send } from './write.ts';

/**
 * Takes back what was done, the last first, one after the other: what was created goes, what was changed or deleted is written as Kong
 * had it. Gives back what could not be undone; after the first failure it stops trying, because the rest depends on it.
 */
export async function undo(client: AdminClient, steps: readonly Done[]): Promise<readonly Done[]> {
  const left = [...steps];
  for (let step = left.at(-1); step !== undefined; step = left.at(-1)) {
    try {
      await send(client, reversal(step));
    } catch {
      // Told by the caller: it says what is left, and the first failure's reason.
      return left;
    }
    left.pop();
  }
  return left;
}

function reversal(step: Done): Write {
  if (step.what === 'release') return restoring(step.release.holder, 'PUT');
  const { action, before, kind, id, write } = step.change;
  if (before !== undefined) return restoring(before, action === 'delete' ? 'POST' : 'PATCH');
  const path = KINDS[kind].createdBy === 'POST' ? `${write.path}/${id}` : write.path;
  return { method: 'DELETE', path };
}

/** `method` is for targets, which have no PUT. */
function restoring(entity: LiveEntity, method: 'POST' | 'PATCH' | 'PUT'): Write {
  const path = pathOf(entity.kind, entity.id, entity.fields);
  const body = entity.restoringBody() as Fields;
  if (KINDS[entity.kind].createdBy === 'PUT') return { method: 'PUT', path, body };
  return method === 'POST'
    ? { method, path: path.slice(0, path.lastIndexOf('/')), body }
    : { method: 'PATCH', path, body: { weight: body.weight ?? null, tags: body.tags ?? null } };
}
