import type { StackPlan } from './plan.ts';

/** A plan as people read it: one operation a line, with its reason. */
export function planText({ operations, leftovers, orphans }: StackPlan): string {
  const work = operations.filter(({ action }) => action !== 'keep');
  const lines = [
    ...leftovers.map(({ name }) => `remove ${name} (left behind by an interrupted replacement)`),
    ...work.map(
      ({ action, service, why, interrupts }) =>
        `${action} ${service} (${why})${interrupts ? ', interrupts it' : ''}`,
    ),
    ...orphans.map(({ service }) => `leave ${service} alone (no part of this stack any more)`),
  ];
  return lines.length === 0 ? 'nothing to do' : lines.join('\n');
}
