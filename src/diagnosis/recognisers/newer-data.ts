import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const newerData: Rule = {
  id: 'newer-data',
  weight: 'certain',
  failure: 'its data was written by a newer version of it',
  remedy: 'go back to the newer version, or give up the data',
  recognise: (facts) => {
    const found = heard(
      facts,
      /cannot downgrade a node from version \[[^\]]+\] to version \[[^\]]+\]/,
      /cannot start a node with version \[[^\]]+\].*higher version/,
      /belong(?:ing|s)? to a more recent version of Kibana/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `cannot read data that a newer version of it has written: ${found.line}`,
          hint: 'Set the newer version again in apictl.yaml (section versions); data never goes back.',
        };
  },
};
