import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const bootstrapCheck: Rule = {
  id: 'bootstrap-check',
  weight: 'certain',
  failure:
    'Elasticsearch’s bootstrap checks fail (file descriptors, locked memory, discovery, ...; exit code 78)',
  remedy: 'raise the limit that it names (`ulimits` in `compose.override.yaml`), or correct the setting',
  recognise: (facts) => {
    const found = heard(
      facts,
      /(max file descriptors \[\d+\] .*?too low, increase to at least \[\d+\])/,
      /(memory locking requested for elasticsearch process but memory is not locked)/,
      /(max number of threads \[\d+\] .*?too low, increase to at least \[\d+\])/,
    );
    if (found !== undefined)
      return {
        cause: `refuses to start: ${found.match[1]}`,
        hint: `Raise that limit of ${facts.service} in compose.override.yaml (ulimits).`,
      };
    const other = heard(facts, /bootstrap check failure \[\d+\] of \[\d+\]: (.+)$/);
    return other === undefined
      ? undefined
      : {
          cause: `refuses to start: ${other.match[1]}`,
          hint: `Correct what it names, as a setting among the environment of ${facts.service} in compose.override.yaml, and run "apictl up" again.`,
        };
  },
};
