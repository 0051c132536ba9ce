import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const migrationsMissing: Rule = {
  id: 'migrations-missing',
  weight: 'certain',
  failure: 'the database has no tables yet, or those of an older version',
  remedy: '`apictl up kong-migrations` brings Kong’s tables up to date',
  recognise: (facts) => {
    const found = heard(
      facts,
      /[Dd]atabase (?:needs bootstrapping|is not up-to-date)/,
      /run '?"?(?:kong )?migrations (?:bootstrap|up|finish)/,
      /New migrations available|[Pp]ending migrations|unapplied migration/,
      /relation "([^"]+)" does not exist/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `found the database without the tables that it needs: ${found.line}`,
          hint: 'Run "apictl up kong-migrations", then "apictl up"; the job may run again at any time.',
        };
  },
};
