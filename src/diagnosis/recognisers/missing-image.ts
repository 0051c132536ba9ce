import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const missingImage: Rule = {
  id: 'missing-image',
  weight: 'certain',
  failure: 'its image is not on the machine, or the registry has no such image',
  remedy: '`apictl images pull`, or `apictl up --images embedded` where no registry is reached',
  recognise: (facts) => {
    const found = heard(
      facts,
      /No such image: (\S+?)"?$/,
      /manifest for (\S+) not found/,
      /pull access denied for (\S+?),/,
      /failed to resolve reference "(\S+?)"/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `needs the image ${found.match[1]}, which is not there`,
          hint: 'Run "apictl images pull" with a registry in reach, or "apictl up --images embedded" to build what Debian has.',
        };
  },
};
