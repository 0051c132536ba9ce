import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const databaseMissing: Rule = {
  id: 'database-missing',
  weight: 'certain',
  failure: 'PostgreSQL has no such database or role: its data was made for other names',
  remedy: 'create it there, or give up the data with `apictl down --volumes`',
  recognise: (facts) => {
    const found = heard(facts, /((?:database|role) "[^"]+") does not exist/);
    return found === undefined
      ? undefined
      : {
          cause: `asks PostgreSQL for ${found.match[1]}, which does not exist there`,
          hint: 'Create it there, or give up the data with "apictl down --volumes", so that it is made anew.',
        };
  },
};
