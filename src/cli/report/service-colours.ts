import { Chalk, type ChalkInstance } from 'chalk';
import { textHash } from '../../core/text-hash.ts';

/** Of the 256 colours those in the middle of brightness, which can be read on white and on black; red is kept for errors. */
const COLOURS = [26, 28, 31, 36, 61, 65, 67, 91, 97, 130, 133, 136, 166, 172] as const;

/**
 * A colour for each service that is always the same, whatever else is shown.
 * @param terminal what TERM and COLORTERM say; few terminals have less than 256 colours, and get the nearest of theirs.
 */
export function serviceColours(
  paint: ChalkInstance,
  terminal: string,
): (service: string) => (text: string) => string {
  if (paint.level === 0) return () => (text) => text;
  const rich = new Chalk({ level: /256|truecolor|24bit/.test(terminal) ? 2 : paint.level });
  return (service) => rich.ansi256(COLOURS[textHash(service) % COLOURS.length] ?? COLOURS[0]);
}
