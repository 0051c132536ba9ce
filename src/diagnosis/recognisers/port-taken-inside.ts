import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const portTakenInside: Rule = {
  id: 'port-taken-inside',
  weight: 'certain',
  failure: 'it listens twice on one port of its container',
  remedy: 'give its listeners different ports',
  recognise: (facts) => {
    const found = heard(
      facts,
      /EADDRINUSE: address already in use \S*?:(\d+)/,
      /bind\(\) to \S*?:(\d+) failed \(98: /,
      /Address already in use.*?:(\d+)/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `wants port ${found.match[1]} of its own container twice`,
          hint: 'Give its listeners different ports in its configuration.',
        };
  },
};
