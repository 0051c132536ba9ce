import { ApictlError, EXIT } from '../../core/errors.ts';
import type { SeedPlan } from './plan.ts';

export interface DeleteLimits {
  /** Refuse more deletions than this. */
  readonly maxDeletes?: number | undefined;
  readonly allowMassDelete?: boolean | undefined;
}

const MASS_SHARE = 0.3;

/** @throws ApictlError SEED_MASS_DELETE when the plan deletes more than is usual: a wrong file looks like that. */
export function refuseMassDelete(plan: SeedPlan, limits: DeleteLimits): void {
  const deletions = plan.changes.filter(({ action }) => action === 'delete');
  const ours =
    deletions.length + plan.unchanged + plan.changes.filter(({ action }) => action === 'update').length;
  const isOverShare = deletions.length > ours * MASS_SHARE;
  const isOverLimit = limits.maxDeletes !== undefined && deletions.length > limits.maxDeletes;
  if (limits.allowMassDelete === true || !(isOverShare || isOverLimit)) return;
  throw new ApictlError({
    code: 'SEED_MASS_DELETE',
    exitCode: EXIT.usage,
    message: isOverLimit
      ? `this would delete ${deletions.length} entities, more than the ${limits.maxDeletes} allowed`
      : `this would delete ${deletions.length} of the ${ours} entities that are ours, more than 30 %`,
    hint: 'Is it the right file? If so, add --allow-mass-delete; "apictl seed diff" shows everything.',
    details: deletions.map(({ kind, name }) => `delete ${kind} ${name}`),
  });
}
