import { ApictlError, EXIT } from '../../core/errors.ts';
import type { SourceFile } from '../../kong/format/read.ts';
import type { Kind } from '../../kong/model/kinds.ts';
import type { Change, SeedPlan } from '../../kong/plan/plan.ts';
import { isPackaged } from './files.ts';

/**
 * What goes by itself without anybody having written a file: targets follow `backends.replicas`, and a rotation has more keys in
 * Kong than the declaration for a while. Where what they belong to is deleted, that is in the list.
 */
const FOLLOWING: readonly Kind[] = ['target', 'key-auth'];

/**
 * The packaged state declares nothing of what somebody added; where Kong has such entities of ours, somebody's file went missing.
 * @throws ApictlError SEED_FILE_MISSING (64), naming what would be deleted
 */
export function refuseLostFile(
  files: readonly SourceFile[],
  { changes }: Pick<SeedPlan, 'changes'>,
  { allowMassDelete }: { readonly allowMassDelete: boolean },
): void {
  if (allowMassDelete || !isPackaged(files)) return;
  const isMadeAgain = ({ kind, name }: Change) =>
    changes.some((other) => other.action === 'create' && other.kind === kind && other.name === name);
  const lost = changes.filter(
    (change) => change.action === 'delete' && !FOLLOWING.includes(change.kind) && !isMadeAgain(change),
  );
  if (lost.length === 0) return;
  throw new ApictlError({
    code: 'SEED_FILE_MISSING',
    exitCode: EXIT.usage,
    message: `there is no kong/kong.yaml, and the packaged one lacks ${lost.length} of the entities that are ours in Kong`,
    object: 'kong/kong.yaml',
    details: lost.map(({ kind, name }) => `would delete ${kind} ${name}`),
    hint: 'A missing file never means "delete everything"; nothing was changed. Bring kong/kong.yaml back ("apictl seed dump --output kong/kong.yaml" writes what Kong has), or type "apictl seed --allow-mass-delete" to keep only the packaged state.',
  });
}
