import { exitCodeInWords } from '../exit-codes.ts';
import type { Rule } from '../model.ts';
import { finalWords } from '../said.ts';

/** How a container ends that somebody stopped, or that went by itself without a fault. */
const STOPPED: ReadonlySet<number> = new Set([0, 137, 143]);

export const ended: Rule = {
  id: 'ended',
  weight: 'vague',
  failure: 'it ended by itself; the exit code is told in words, with its last line',
  remedy: '`apictl logs SERVICE`',
  recognise: (facts) => {
    if (facts.ending !== 'ended') return undefined;
    const words = finalWords(facts);
    return {
      cause: `${exitCodeInWords(facts.exitCode ?? 0)}${words === undefined ? '' : `; its last words: ${words}`}`,
      hint: STOPPED.has(facts.exitCode ?? 0)
        ? `Start it with "apictl up ${facts.service}"; "apictl logs ${facts.service}" shows all of its output.`
        : `Read all of its output with "apictl logs ${facts.service}".`,
    };
  },
};
