import { RE2JS } from 're2js';
import { ApictlError, EXIT, messageOf } from '../core/errors.ts';

/** What `--grep` looks for. */
export interface Pattern {
  matches(text: string): boolean;
}

/**
 * Compiles a pattern in RE2's syntax. RE2 reads a text once, however the pattern is made, so no pattern and no line can
 * hang the command; it has no look-around and no back-references.
 * @throws ApictlError OPTION_INVALID (64).
 */
export function compilePattern(option: string, text: string): Pattern {
  // Most of what people look for has no special character.
  if (/^[\w\s/:,;=@#%&"'<>~-]*$/.test(text)) return { matches: (line) => line.includes(text) };
  try {
    const compiled = RE2JS.compile(text);
    return { matches: (line) => compiled.test(line) };
  } catch (thrown) {
    throw new ApictlError({
      code: 'OPTION_INVALID',
      exitCode: EXIT.usage,
      message: `${option} is not a regular expression: ${messageOf(thrown).replace(/^error parsing regexp: /, '')}`,
      object: option,
      hint: 'The syntax is RE2’s (github.com/google/re2/wiki/Syntax): (?i) ignores case; there is no look-around and no back-reference.',
    });
  }
}
