import type { Operation, StackPlan } from './plan.ts';

/** A plan as people read it: one operation a line with its reason, what it interrupts, and what stays as it is. */
export function planText({ operations, leftovers, orphans, surge, retired }: StackPlan): string {
  const work = operations.filter(({ action }) => action !== 'keep');
  const kept = operations.length - work.length;
  const lines = [
    ...leftovers.map(({ name }) => ({
      verb: 'remove',
      object: name,
      why: 'left behind by an interrupted replacement',
    })),
    ...(surge === null
      ? []
      : [
          {
            verb: surge.operation.action,
            object: surge.node.name,
            why: 'shows first that the new ones become healthy; serves until they do, then removed',
          },
        ]),
    ...work.map((operation) => ({
      verb: operation.action,
      object: operation.service,
      why: whyOf(operation),
    })),
    ...retired
      .filter(({ service }) => service !== surge?.node.name)
      .map(({ service }) => ({
        verb: 'remove',
        object: service,
        why: 'more than backends.replicas; drained before it is stopped',
      })),
    ...orphans.map(({ service }) => ({
      verb: 'leave',
      object: service,
      why: 'no part of this stack any more; "apictl down" removes it',
    })),
  ];
  if (lines.length === 0) return `nothing to do: what is there is as it should be`;
  const verbs = Math.max(...lines.map(({ verb }) => verb.length));
  const objects = Math.max(...lines.map(({ object }) => object.length));
  const rows = lines.map(
    ({ verb, object, why }) => `${verb.padEnd(verbs)}  ${object.padEnd(objects)}  ${why}`,
  );
  return [...rows, sumOf(work, kept)].join('\n');
}

function whyOf({ action, why, interrupts, drains }: Operation): string {
  if (drains) return `${why}; drained first, the others serve meanwhile`;
  const until = action === 'restart' ? 'it is ready again' : 'the new one is ready';
  return interrupts ? `${why}; interrupts it until ${until}` : why;
}

function sumOf(work: readonly Operation[], kept: number): string {
  const interrupted = work.filter(({ interrupts }) => interrupts).map(({ service }) => service);
  return [
    `${work.length} to do, ${kept} unchanged`,
    interrupted.length === 0 ? 'nothing that runs is interrupted' : `interrupts ${interrupted.join(', ')}`,
  ].join('; ');
}
