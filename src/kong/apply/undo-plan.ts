import { type Kind, uniqueSlots } from '../model/kinds.ts';
import type { Fields } from '../model/value.ts';
import { isHashedByKong } from '../plan/diff.ts';
import { inOrder } from '../plan/order.ts';
import {
  type Change,
  creation,
  patching,
  pathOf,
  type Release,
  releasing,
  type Write,
} from '../plan/plan.ts';
import type { LiveEntity } from '../read/state.ts';
import type { Done } from './apply.ts';

/** A unique value that an entity gives up, so that another can have it back. */
export interface Freeing {
  readonly kind: Kind;
  readonly id: string;
  readonly field: string;
  readonly write: Write;
}

/** What takes one step back. */
export interface Reversal {
  readonly step: Done;
  readonly write: Write;
}

export interface UndoPlan {
  /** All at once, before the first reversal. */
  readonly freeing: readonly Freeing[];
  /** One after the other, the last done first; the reversals of a group all at once. */
  readonly groups: readonly (readonly Reversal[])[];
  /** What Kong keeps only a hash of. */
  readonly impossible: readonly Done[];
}

/**
 * How to take back what was done: what was created goes, what was changed or deleted is written as Kong had it. A value that was
 * given up and whose entity was changed afterwards comes back with the entity.
 */
export function undoPlan(steps: readonly Done[]): UndoPlan {
  const changes = changesIn(steps);
  const possible = changes.filter((change) => reversal(change) !== undefined);
  const isPossible = new Set(possible);
  const releases = releasesAlone(steps);
  const groups = [...inOrder(possible)].reverse().map((group) =>
    group.flatMap((change): Reversal[] => {
      const write = reversal(change);
      return write === undefined ? [] : [{ step: { what: 'change', change }, write }];
    }),
  );
  const returns = releases.map(
    (release): Reversal => ({ step: { what: 'release', release }, write: returning(release) }),
  );
  return {
    freeing: freeingFor(possible, releases),
    groups: [...groups, returns].filter((group) => group.length > 0),
    impossible: changes
      .filter((change) => !isPossible.has(change))
      .map((change) => ({ what: 'change', change })),
  };
}

const changesIn = (steps: readonly Done[]): readonly Change[] =>
  steps.flatMap((step) => (step.what === 'change' ? [step.change] : []));

/** Those whose entities were not changed afterwards. */
export function releasesAlone(steps: readonly Done[]): readonly Release[] {
  const changed = new Set(changesIn(steps).map(({ id }) => id));
  return steps.flatMap((step) =>
    step.what === 'release' && !changed.has(step.release.holder.id) ? [step.release] : [],
  );
}

/** Whoever has now what another had before gives it up first: within a group nothing is known of the order. */
function freeingFor(changes: readonly Change[], releases: readonly Release[]): readonly Freeing[] {
  const before = [
    ...changes.flatMap(({ before: entity }) => entity ?? []),
    ...releases.map(({ holder }) => holder),
  ];
  const owners = new Map(
    before.flatMap(({ kind, id, fields }) => uniqueSlots(kind, fields).map(([slot]) => [slot, id] as const)),
  );
  return changes
    .filter(({ action }) => action !== 'delete')
    .flatMap(({ kind, id, write }) =>
      uniqueSlots(kind, write.body ?? {})
        .filter(([slot]) => (owners.get(slot) ?? id) !== id)
        .map(([, field]) => ({ kind, id, field, write: releasing(write.path, id, field) })),
    );
}

/** The path of what a write makes. */
export const madeBy = ({ makes, path }: Write): string => makes ?? path;

/** Undefined where Kong has only a hash of what it would need. */
function reversal({ action, before, write, fields }: Change): Write | undefined {
  if (before === undefined) return { method: 'DELETE', path: madeBy(write) };
  const [hashed] = hashedFields(before);
  if (hashed === undefined) return restoring(before, action === 'delete');
  // The same secret before and after: then it is at hand.
  const secret = write.body?.[hashed];
  if (action === 'delete' || hashed in fields || secret == null) return undefined;
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

/** The one value alone: written as a whole, a password would be hashed again. */
const returning = ({ holder, field, write: { path } }: Release): Write => ({
  method: 'PATCH',
  path,
  body: { [field]: holder.fields[field] ?? null },
});
