/** Regular expressions of routes and plugins are written for PCRE; Node has its own dialect. */

const PHRASES: readonly [RegExp, string][] = [
  [/Unterminated group/, 'missing closing parenthesis'],
  [/Unmatched '\)'/, 'unmatched closing parenthesis'],
  [/Unterminated character class/, 'missing terminating ] for character class'],
  [/Nothing to repeat/, 'quantifier does not follow a repeatable item'],
  [/Range out of order in character class/, 'range out of order in character class'],
  [/\\ at end of pattern/, '\\ at end of pattern'],
  [/Invalid capture group name/, 'syntax error in subpattern name (missing terminator?)'],
];

export class PcreError extends Error {
  override readonly name = 'PcreError';
  readonly reason: string;

  /** `reason` is in the words of PCRE where they are known. */
  constructor(pattern: string, cause: Error) {
    const text = cause.message.replace(/^.*\/[a-z]*: /, '');
    const reason = PHRASES.find(([phrase]) => phrase.test(text))?.[1] ?? text;
    super(`pcre2_compile() failed: ${reason} in "${pattern}"`, { cause });
    this.reason = reason;
  }
}

/**
 * Compiles a PCRE pattern: inline flags at its start, `(?P<name>`, possessive quantifiers and atomic groups are
 * translated (the last two as their greedy forms, which match the same routes).
 *
 * @throws PcreError when the pattern is not valid
 */
export function compilePcre(pattern: string, flags = ''): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const body = pattern
    .slice(inline?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll(/(?<!\\)\(\?>/g, '(?:')
    .replaceAll(/(?<!\\)([*+?}])\+/g, '$1')
    .replaceAll('\\A', '^')
    .replaceAll(/\\[zZ]/g, '$');
  try {
    return new RegExp(body, [...new Set([...flags, ...(inline?.[1] ?? '')])].join(''));
  } catch (error) {
    throw new PcreError(pattern, error instanceof Error ? error : new Error(String(error)));
  }
}
