import type { Diagnosis } from './model.ts';

/** A diagnosis of one service; `becauseOf` names the service that explains it, null where it explains itself. */
export interface Explained extends Diagnosis {
  readonly service: string;
  readonly becauseOf: string | null;
}

/** Service -> the services that it depends on directly. */
export type Dependencies = Readonly<Record<string, readonly string[]>>;

/**
 * Puts what failed first before what failed because of it. A service that only says that it failed, or that another one did
 * not answer, is explained by what is wrong upstream of it; one with a certain cause of its own keeps it.
 */
export function explainUpstream(
  diagnoses: ReadonlyMap<string, Diagnosis>,
  dependencies: Dependencies,
): Explained[] {
  const explained = [...diagnoses].map(([service, diagnosis]): Explained => {
    const culprit =
      diagnosis.weight === 'certain'
        ? undefined
        : rootAbove(service, diagnoses, dependencies, new Set([service]));
    if (culprit === undefined) return { ...diagnosis, service, becauseOf: null };
    return {
      ...diagnosis,
      service,
      becauseOf: culprit,
      cause: `${diagnosis.cause}, because of ${culprit}`,
      hint: `Heal ${culprit} first, then run "apictl up".`,
    };
  });
  const depth = (service: string, seen: ReadonlySet<string> = new Set()): number =>
    seen.has(service)
      ? 0
      : 1 +
        Math.max(
          0,
          ...(dependencies[service] ?? []).map((above) => depth(above, new Set([...seen, service]))),
        );
  return explained.sort(
    (a, b) =>
      Number(a.becauseOf !== null) - Number(b.becauseOf !== null) ||
      depth(a.service) - depth(b.service) ||
      a.service.localeCompare(b.service, 'en', { numeric: true }),
  );
}

/** The unwell service above that has no unwell one above itself. */
function rootAbove(
  service: string,
  unwell: ReadonlyMap<string, Diagnosis>,
  dependencies: Dependencies,
  seen: Set<string>,
): string | undefined {
  for (const above of dependencies[service] ?? []) {
    if (seen.has(above)) continue;
    seen.add(above);
    const higher = rootAbove(above, unwell, dependencies, seen);
    if (higher !== undefined) return higher;
    if (unwell.has(above)) return above;
  }
  return undefined;
}
