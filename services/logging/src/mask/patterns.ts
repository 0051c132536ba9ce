/**
 * Patterns of the operator's own. They are RE2's: a text is read once, however a pattern is made, so neither a pattern nor a line can
 * keep the service busy without end.
 */
import { RE2JS } from 're2js';
import { MASK } from './text.ts';

const MAX_PATTERN_LENGTH = 500;

export interface MaskPatterns {
  /** False for a text in which `mask` would change nothing. */
  readonly matches: (text: string) => boolean;
  readonly mask: (text: string) => string;
}

export const NO_PATTERNS: MaskPatterns = { matches: () => false, mask: (text) => text };

/** Why a pattern cannot be used; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return `is longer than ${MAX_PATTERN_LENGTH} characters`;
  try {
    return RE2JS.compile(pattern).test('')
      ? 'matches the empty text, so it would match everywhere'
      : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `is no pattern of RE2: ${reason.replace(/^error parsing regexp: /, '')}`;
  }
}

/** @throws what RE2 says about a pattern that `patternProblem` objects to */
export function compilePatterns(patterns: readonly string[]): MaskPatterns {
  if (patterns.length === 0) return NO_PATTERNS;
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern));
  return {
    matches: (text) => compiled.some((pattern) => pattern.test(text)),
    mask: (text) =>
      // Looking is some times cheaper than replacing.
      compiled.reduce(
        (masked, pattern) => (pattern.test(masked) ? pattern.matcher(masked).replaceAll(MASK) : masked),
        text,
      ),
  };
}
