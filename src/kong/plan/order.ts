import type { Kind } from '../model/kinds.ts';
import { LEVELS } from '../model/kinds.ts';

interface Ordered {
  readonly kind: Kind;
  readonly action: 'create' | 'update' | 'delete';
}

/**
 * Groups to be done one after the other, each at once: creates and updates top-down, then deletes bottom-up, so that what is new is there
 * before what is old goes.
 */
export function inOrder<Change extends Ordered>(changes: readonly Change[]): readonly (readonly Change[])[] {
  const of = (level: readonly Kind[], isDelete: boolean) =>
    changes.filter((change) => level.includes(change.kind) && (change.action === 'delete') === isDelete);
  return [
    ...LEVELS.map((level) => of(level, false)),
    ...[...LEVELS].reverse().map((level) => of(level, true)),
  ].filter((group) => group.length > 0);
}
