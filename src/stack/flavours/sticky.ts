import { FLAVOURS, type Flavour } from '../../config/choices.ts';

/** `both`: the project has data of each flavour and nothing that says which one is in use. */
export type StickyFlavour = Flavour | 'both' | null;

/**
 * The flavour that a project was brought up with: what its containers say, else what its volumes are called, because data
 * outlives containers. Pure.
 */
export function stickyFlavour(found: {
  /** The flavour label of every container of the project. */
  readonly labels: readonly (string | undefined)[];
  /** Names of the project's volumes, as `apictl_postgres-data-17-embedded`. */
  readonly volumes: readonly string[];
}): StickyFlavour {
  const running = FLAVOURS.filter((flavour) => found.labels.includes(flavour));
  const stored = FLAVOURS.filter((flavour) => found.volumes.some((name) => name.endsWith(`-${flavour}`)));
  const [first, second] = running.length > 0 ? running : stored;
  if (first === undefined) return null;
  return second === undefined ? first : 'both';
}
