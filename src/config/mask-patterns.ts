import { RE2JS } from 're2js';

/** What is wrong with the patterns of `logging.maskPatterns`, each with its path. They are RE2's, so that none can run without end. */
export function maskPatternProblems(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern, index) => {
    const problem = problemOf(pattern);
    return problem === null ? [] : [`logging.maskPatterns.${index}: ${problem}`];
  });
}

function problemOf(pattern: string): string | null {
  try {
    return RE2JS.compile(pattern).test('') ? 'matches the empty text, so it would mask everything' : null;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return `is no pattern of RE2: ${reason.replace(/^error parsing regexp: /, '')}`;
  }
}

/** Masks what the patterns of `logging.maskPatterns` find. */
export function maskByPatterns(patterns: readonly string[]): (text: string) => string {
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern));
  return (text) => compiled.reduce((left, pattern) => pattern.matcher(left).replaceAll('[secret]'), text);
}
