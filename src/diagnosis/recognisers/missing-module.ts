import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const missingModule: Rule = {
  id: 'missing-module',
  weight: 'certain',
  failure: 'a Python or Node.js module that it imports is not in its image',
  remedy: 'add it to the image and build it again with `apictl up --build`',
  recognise: (facts) => {
    const found = heard(
      facts,
      /ModuleNotFoundError: No module named '([^']+)'/,
      /Cannot find (?:module|package) '([^']+)'/,
      /ImportError: cannot import name '([^']+)'/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `imports ${found.match[1]}, which is not in its image`,
          hint: `Add ${found.match[1]} to the image, or correct the name, then run "apictl up --build".`,
        };
  },
};
