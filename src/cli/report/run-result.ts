import type { ChalkInstance } from 'chalk';
import type { StackPlan } from '../../stack/plan/plan.ts';
import { planText } from '../../stack/plan/plan-text.ts';
import { type Context, printResult } from '../context.ts';

/** The result of a command that runs a plan; with `--dry-run` the plan itself. */
export function printRun<T extends object>(
  context: Context,
  result: T | { readonly plan: StackPlan },
  text: (result: T, paint: ChalkInstance) => string,
): void {
  if ('plan' in result) printResult(context, result.plan, planText);
  else printResult(context, result, text);
}
