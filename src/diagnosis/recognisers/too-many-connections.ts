import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const tooManyConnections: Rule = {
  id: 'too-many-connections',
  weight: 'certain',
  failure: 'PostgreSQL has no connection left for it',
  remedy: 'close idle clients, or raise `max_connections` of postgres',
  recognise: (facts) =>
    heard(
      facts,
      /too many clients already|remaining connection slots are reserved|too many connections for (?:role|database)/,
    ) === undefined
      ? undefined
      : {
          cause: 'got no connection: PostgreSQL has as many as it allows',
          hint: 'Close idle clients, or raise max_connections of postgres (command in compose.override.yaml).',
        },
};
