import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const processLimit: Rule = {
  id: 'process-limit',
  weight: 'certain',
  failure: 'it may not start more processes or threads (`pids_limit`)',
  remedy: 'a higher `pids_limit` in `compose.override.yaml`',
  recognise: (facts) =>
    heard(
      facts,
      /cannot fork|can't fork|fork: (?:retry: )?Resource temporarily unavailable/i,
      /unable to create (?:new )?native thread/,
      /pthread_create failed|Resource temporarily unavailable.*thread/,
    ) === undefined
      ? undefined
      : {
          cause: 'reached its limit of processes and threads',
          hint: `Raise pids_limit of ${facts.service} in compose.override.yaml.`,
        },
};
