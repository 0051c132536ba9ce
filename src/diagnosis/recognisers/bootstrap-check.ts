import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const bootstrapCheck: Rule = {
  id: 'bootstrap-check',
  weight: 'certain',
  failure: 'Elasticsearch’s bootstrap checks fail (file descriptors, locked memory, ...)',
  remedy: 'raise the limit that it names (`ulimits` in `compose.override.yaml`)',
  recognise: (facts) => {
    const found = heard(
      facts,
      /(max file descriptors \[\d+\] .*?too low, increase to at least \[\d+\])/,
      /(memory locking requested for elasticsearch process but memory is not locked)/,
      /(max number of threads \[\d+\] .*?too low, increase to at least \[\d+\])/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `refuses to start: ${found.match[1]}`,
          hint: `Raise that limit of ${facts.service} in compose.override.yaml (ulimits).`,
        };
  },
};
