import { exitCodeInWords } from '../exit-codes.ts';
import type { Rule } from '../model.ts';
import { finalWords } from '../said.ts';

const LOOP = 2;

export const crashLoop: Rule = {
  id: 'crash-loop',
  weight: 'vague',
  failure: 'it ends again and again, and the engine restarts it each time',
  remedy: '`apictl logs SERVICE` shows every one of its lives',
  recognise: (facts) => {
    const { details, exitCode, service } = facts;
    if (details === null || details.restarts < LOOP || (exitCode === null && details.state !== 'restarting'))
      return undefined;
    const words = finalWords(facts);
    return {
      cause: `${exitCodeInWords(exitCode ?? details.exitCode)} after each of its starts; the engine restarted it ${details.restarts} times${words === undefined ? '' : `; its last words: ${words}`}`,
      hint: `Read all of its output with "apictl logs ${service}".`,
    };
  },
};
