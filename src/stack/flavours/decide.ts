import type { Flavour } from '../../config/choices.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { StickyFlavour } from './sticky.ts';

/** What is known when the flavour is chosen. */
export interface FlavourFacts {
  /** `auto`, or what a flag or the configuration says. */
  readonly wanted: 'auto' | Flavour;
  /** What the project runs with already, or has data of. */
  readonly current: StickyFlavour;
  /** What containers run on, as the engine says it. */
  readonly osType: string;
  /** `linux`, `darwin`, `win32`: where apictl runs, and with it the programs that make an image from nothing. */
  readonly platform: string;
  /**
   * Whether the published images are there or can be had; `why` is the registry's own answer where they cannot. Asked only
   * where the answer decides.
   */
  readonly published: () => Promise<{ readonly available: boolean; readonly why: string }>;
}

export interface FlavourChoice {
  readonly flavour: Flavour;
  /** A sentence for people. */
  readonly because: string;
  /** Set where a project changes its flavour: its data stays with the old one. */
  readonly warning?: string;
}

/**
 * Chooses the images of a project. The choice is sticky: a stack that was brought up with one flavour keeps it until
 * somebody names the other.
 * @throws ApictlError IMAGE_UNAVAILABLE (5) where nothing can be had, with the real cause; FLAVOUR_AMBIGUOUS (64) where the
 * project has data of both flavours and nobody says which one is meant
 */
export async function decideFlavour(facts: FlavourFacts): Promise<FlavourChoice> {
  const { wanted, current } = facts;
  if (wanted !== 'auto') return namedFlavour(wanted, facts);
  if (current === 'both') throw ambiguous();
  if (current !== null) return { flavour: current, because: 'the project was brought up with it' };
  const { available, why } = await facts.published();
  if (available) return { flavour: 'official', because: 'the published images can be had' };
  if (!canBuild(facts)) throw unavailable(why);
  return { flavour: 'embedded', because: `the published images cannot be had (${why})` };
}

function namedFlavour(wanted: Flavour, facts: FlavourFacts): FlavourChoice {
  if (wanted === 'embedded' && !canBuild(facts)) throw notHere(facts);
  const { current } = facts;
  if (current === null || current === wanted || current === 'both') {
    return { flavour: wanted, because: 'it was asked for' };
  }
  return {
    flavour: wanted,
    because: 'it was asked for',
    warning: `the project ran with ${current} images: its data stays in their volumes, and the ${wanted} ones do not see it; "--images ${current}" goes back to it`,
  };
}

const canBuild = ({ platform, osType }: FlavourFacts): boolean => platform === 'linux' && osType === 'linux';

const unavailable = (why: string) =>
  new ApictlError({
    code: 'IMAGE_UNAVAILABLE',
    exitCode: EXIT.engine,
    message: `the published images cannot be had: ${why}`,
    object: 'images',
    hint: 'Check the network and the registry, or load the images with "docker load"; images are built from Debian packages on Linux only.',
  });

const notHere = ({ platform, osType }: FlavourFacts) =>
  new ApictlError({
    code: 'IMAGE_UNAVAILABLE',
    exitCode: EXIT.engine,
    message: `the embedded images are built on Linux for Linux; this is ${platform} with an engine for ${osType} containers`,
    object: 'images',
    hint: 'Use "--images official".',
  });

const ambiguous = () =>
  new ApictlError({
    code: 'FLAVOUR_AMBIGUOUS',
    exitCode: EXIT.usage,
    message:
      'the project has data of official and of embedded images, and nothing says which one to go on with',
    object: 'images',
    hint: 'Say it once: "apictl up --images official" or "apictl up --images embedded".',
  });
