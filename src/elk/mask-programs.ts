import { RE2JS } from 're2js';
import { ApictlError, EXIT } from '../core/errors.ts';

/**
 * The patterns of `logging.maskPatterns` for Logstash's filter: the programs that RE2 makes of them, which
 * elk/logstash/filters/patterns.rb runs as RE2 does. Ruby's own regular expressions read some of the syntax otherwise, and may take any
 * time for a text.
 */
export interface MaskProgram {
  /** Index of the step to begin with. */
  readonly start: number;
  /** First and last code point of each range, ascending. */
  readonly classes: readonly (readonly number[])[];
  readonly steps: readonly MaskStep[];
}

/** Kind, argument, and the index of the step that follows. */
export type MaskStep =
  | readonly ['match' | 'fail']
  | readonly ['jump', null, number]
  /** The argument is the step to try where the following one leads to no match. */
  | readonly ['fork', number, number]
  /** RE2's flags: 1 and 2 begin and end of a line, 4 and 8 of the text, 16 a word's boundary, 32 none. */
  | readonly ['assert', number, number]
  /** The argument is the index of the class whose characters it takes. */
  | readonly ['runes', number, number];

/** An instruction of re2js 2; a test holds that the patterns mean the same here and there. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  matchRune(codePoint: number): boolean;
}

const MAX_RUNE = 0x10ffff;
const NEW_LINE = 10;
const FOLD_CASE = 1;

/** @throws ApictlError MASK_PATTERN_UNKNOWN_STEP (1) where the library has learnt something that the filter has not */
export const maskPrograms = (patterns: readonly string[]): MaskProgram[] =>
  patterns.map((pattern) => {
    const { inst, start } = RE2JS.compile(pattern).re2Input.prog;
    // A class is written once, however often the pattern repeats it: one of Unicode's has a thousand numbers.
    const classes = new Map<string, number>();
    const classOf = (ranges: readonly number[]): number => {
      const key = JSON.stringify(ranges);
      const index = classes.get(key) ?? classes.size;
      classes.set(key, index);
      return index;
    };
    const steps = (inst as Instruction[]).map((instruction) => stepOf(instruction, pattern, classOf));
    return { start, classes: [...classes.keys()].map((key) => JSON.parse(key) as number[]), steps };
  });

function stepOf(
  instruction: Instruction,
  pattern: string,
  classOf: (ranges: readonly number[]) => number,
): MaskStep {
  const { op, out, arg } = instruction;
  switch (op) {
    case 1:
    case 2:
      return ['fork', arg, out];
    case 3:
    case 7:
      return ['jump', null, out];
    case 4:
      return ['assert', arg, out];
    case 5:
      return ['fail'];
    case 6:
      return ['match'];
    case 8:
    case 9:
      return ['runes', classOf(rangesOf(instruction)), out];
    case 10:
      return ['runes', classOf([0, MAX_RUNE]), out];
    case 11:
      return ['runes', classOf([0, NEW_LINE - 1, NEW_LINE + 1, MAX_RUNE]), out];
    default:
      throw unknownStep(pattern, op);
  }
}

/** A single one is a character, in either case where the pattern says so. */
function rangesOf(instruction: Instruction): number[] {
  const { runes, arg } = instruction;
  const [only] = Array.from(runes);
  if (only === undefined || runes.length > 1) return Array.from(runes);
  if ((arg & FOLD_CASE) === 0) return [only, only];
  return Array.from({ length: LAST_WITH_CASE + 1 }, (_, point) => point)
    .filter((point) => instruction.matchRune(point))
    .flatMap((point) => [point, point]);
}

/** Of Unicode 16; no character after it has another case. */
const LAST_WITH_CASE = 125_251;

const unknownStep = (pattern: string, op: number): ApictlError =>
  new ApictlError({
    code: 'MASK_PATTERN_UNKNOWN_STEP',
    exitCode: EXIT.bug,
    message: `logging.maskPatterns: RE2 makes a step of kind ${op} of ${pattern}, which Logstash's filter does not know`,
    object: 'logging.maskPatterns',
    hint: 'Write the pattern in another way, or leave out the profile elk.',
  });
