import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const otherPostgresMajor: Rule = {
  id: 'other-postgres-major',
  weight: 'certain',
  failure: 'the data directory was made by another major version of PostgreSQL',
  remedy: 'use an image of that version, or dump the data there and restore it into an empty volume',
  recognise: (facts) => {
    const found = heard(
      facts,
      /initialized by PostgreSQL version (\d+)[\d.]*, which is not compatible with this version (\d+)/,
      /holds the data of PostgreSQL (\d+); this is PostgreSQL (\d+)/,
    );
    if (found === undefined) return undefined;
    const [, data, server] = found.match;
    return {
      cause: `is PostgreSQL ${server} on a data directory of PostgreSQL ${data}, which it cannot read`,
      hint: `Set versions.postgres in apictl.yaml to an image of PostgreSQL ${data}, or dump the data there and restore it into an empty volume.`,
    };
  },
};
