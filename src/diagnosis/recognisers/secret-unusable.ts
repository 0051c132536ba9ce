import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const secretUnusable: Rule = {
  id: 'secret-unusable',
  weight: 'certain',
  failure: 'a secret is missing, empty, or not readable for the user of the container',
  remedy: '`apictl secrets ls` says which; its file must have mode 0444 in a folder of mode 0700',
  recognise: (facts) => {
    const found = heard(
      facts,
      /\/run\/secrets\/([\w.-]+).*(?:denied|no such file|not readable|cannot be read|missing|empty)/i,
      /(?:denied|no such file|cannot open|ENOENT|EACCES).*\/run\/secrets\/([\w.-]+)/i,
      /the secret ([\w.-]+) is missing or empty/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `cannot use the secret ${found.match[1]}: ${found.line}`,
          hint: `Run "apictl secrets ls"; secrets/values/${found.match[1]} has to be there, not empty, and of mode 0444.`,
        };
  },
};
