import type { Diagnosis, FailureFacts } from './model.ts';
import { RULES } from './rules.ts';

/** Why a service is not well and what to do about it. Pure. */
export function diagnose(facts: FailureFacts): Diagnosis {
  for (const { id, weight, recognise } of RULES) {
    const finding = recognise(facts);
    if (finding !== undefined) return { ...finding, rule: id, weight };
  }
  throw new Error('the last rule knows every failure');
}
