import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const dataInUse: Rule = {
  id: 'data-in-use',
  weight: 'certain',
  failure: 'another process works on its data directory',
  remedy: 'stop the other container that mounts the same volume',
  recognise: (facts) => {
    const found = heard(
      facts,
      /lock file "?postmaster\.pid"? already exists/,
      /another container is initialising/,
      /failed to obtain node locks/,
      /lock DB directory: resource temporarily unavailable/,
      /Logstash could not be started because there is already another instance/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `cannot have its data directory to itself: ${found.line}`,
          hint: 'Stop the other container that mounts the same volume: "docker ps --filter volume=NAME" names it.',
        };
  },
};
