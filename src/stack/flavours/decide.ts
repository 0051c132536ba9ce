import type { Flavour } from '../../config/schema.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';

/** What is known when the flavour is chosen. */
export interface FlavourFacts {
  /** `auto`, or what a flag or the configuration says. */
  readonly wanted: 'auto' | Flavour;
  /** What the project runs with already, from the labels of its containers. */
  readonly current: Flavour | null;
  /** What containers run on, as the engine says it. */
  readonly osType: string;
  /** `linux`, `darwin`, `win32`: where apictl runs, and with it the programs that make an image from nothing. */
  readonly platform: string;
  /** Whether the published images are there or can be had; `why` is the registry's own answer where they cannot. */
  readonly published: () => Promise<{ readonly available: boolean; readonly why: string }>;
}

export interface FlavourChoice {
  readonly flavour: Flavour;
  /** A sentence for people. */
  readonly because: string;
  /** Set where a running project changes its flavour: its data stays with the old one. */
  readonly warning?: string;
}

/**
 * Chooses the images of a project. The choice is sticky: a stack that was brought up with one flavour keeps it until
 * somebody names the other.
 * @throws ApictlError IMAGE_UNAVAILABLE (5) where nothing can be had, with the real cause.
 */
export async function decideFlavour(facts: FlavourFacts): Promise<FlavourChoice> {
  const { wanted, current } = facts;
  if (wanted !== 'auto') {
    if (wanted === 'embedded') refuseEmbeddedElsewhere(facts, 'the embedded flavour was asked for');
    if (current === null || current === wanted) return { flavour: wanted, because: 'it was asked for' };
    return {
      flavour: wanted,
      because: 'it was asked for',
      warning: `the project ran with ${current} images; its data stays in their volumes and is not seen by the ${wanted} ones`,
    };
  }
  if (current !== null) return { flavour: current, because: 'the project was brought up with it' };
  const { available, why } = await facts.published();
  if (available) return { flavour: 'official', because: 'the published images can be had' };
  refuseEmbeddedElsewhere(facts, why);
  return { flavour: 'embedded', because: `the published images cannot be had (${why})` };
}

function refuseEmbeddedElsewhere({ platform, osType }: FlavourFacts, why: string): void {
  if (platform === 'linux' && osType === 'linux') return;
  throw new ApictlError({
    code: 'IMAGE_UNAVAILABLE',
    exitCode: EXIT.engine,
    message: `the published images cannot be had, and images are built from Debian packages on Linux only: ${why}`,
    hint: 'Check the network and the registry, or load the images with "docker load".',
  });
}
