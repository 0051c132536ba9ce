import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const readOnly: Rule = {
  id: 'read-only',
  weight: 'certain',
  failure: 'it writes where its root file system is read-only',
  remedy:
    'a `tmpfs` or a volume for that path in `compose.override.yaml` (`backends.readOnly: false` for your own backend)',
  recognise: (facts) => {
    const found = heard(
      facts,
      /EROFS: .*'(\/[^']+)'/,
      /(\/[^\s:'"]+)['"]?: Read-only file system/i,
      /Read-only file system.*?(\/[^\s:'",)]+)/i,
    );
    return found === undefined
      ? undefined
      : {
          cause: `wants to write ${found.match[1]}, and its root file system is read-only`,
          hint: `Give ${facts.service} a tmpfs or a volume for that path in compose.override.yaml; for a backend of your own set backends.readOnly to false.`,
        };
  },
};
