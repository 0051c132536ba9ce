import { exitCodeInWords } from '../exit-codes.ts';
import type { FailureFacts, Rule } from '../model.ts';
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
      hint: hintOf(facts),
    };
  },
};

function hintOf({ service, exitCode }: FailureFacts): string {
  if (STOPPED.has(exitCode ?? 0))
    return `Start it with "apictl up ${service}"; "apictl logs ${service}" shows all of its output.`;
  const readLogs = `Read all of its output with "apictl logs ${service}".`;
  // Its bootstrap checks end it so too, and of those this one fails on most machines; their words have scrolled by.
  return exitCode === CONFIGURATION && service === 'elasticsearch'
    ? `${readLogs} "apictl doctor" says whether vm.max_map_count is too low for it.`
    : readLogs;
}

/** EX_CONFIG of sysexits.h: the configuration is wrong. */
const CONFIGURATION = 78;
