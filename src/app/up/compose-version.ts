import type { Compose } from '../../core/ports/compose.ts';
import type { ContainerSummary, EngineFacts } from '../../core/ports/engine.ts';
import { dependsOnCompose } from '../../stack/render/engine-features.ts';

/** What a run has to know of Compose, asked as late as it can be: it takes a quarter of a second to say its version. */
export interface ComposeVersion {
  /** What is rendered for; absent where no version decides anything. */
  known(): Promise<string | undefined>;
  /** Resolves where Compose can be called; where containers are there, one has made them. @throws what `compose.version` does */
  usable(): Promise<void>;
  /** The version itself where there is work for Compose and it differs from what was presumed; else undefined. */
  differing(): Promise<string | undefined>;
}

/**
 * The containers tell the version that made them. Where there are none Compose is asked at once, while other things are read: its
 * answer is needed before anything is made, and for the files only where the engine knows what Compose may not.
 */
export function composeVersionOf(
  world: { readonly compose: Pick<Compose, 'version'> },
  given: {
    readonly containers: readonly ContainerSummary[];
    readonly facts: Pick<EngineFacts, 'apiVersion'>;
  },
): ComposeVersion {
  const { containers, facts } = given;
  const newest = [...containers].sort((a, b) => b.createdMs - a.createdMs).at(0);
  const presumed = newest?.labels['com.docker.compose.version'];
  const asked = presumed === undefined ? world.compose.version() : undefined;
  // It may fail while nobody waits for it yet.
  asked?.catch(() => {});
  const decides = dependsOnCompose(facts.apiVersion);
  return {
    known: async () => (decides ? (presumed ?? asked) : undefined),
    usable: async () => void (await asked),
    differing: async () => {
      if (!decides || presumed === undefined) return undefined;
      const actual = await world.compose.version();
      return actual === presumed ? undefined : actual;
    },
  };
}
