import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const networkTrouble: Rule = {
  id: 'network-trouble',
  weight: 'certain',
  failure: 'its network was removed, or the engine has no addresses left for a new one',
  remedy: '`apictl down` and `apictl up` make the network anew; `docker network prune` frees addresses',
  recognise: (facts) => {
    if (
      heard(
        facts,
        /could not find an available, non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted/,
      )
    ) {
      return {
        cause: 'could not get a network: the engine has no addresses left for another one',
        hint: 'Remove networks that nobody uses with "docker network prune".',
      };
    }
    const gone = heard(facts, /network (\S+) not found/);
    return gone === undefined
      ? undefined
      : {
          cause: `has lost its network: ${gone.match[1]} is not there any more`,
          hint: 'Run "apictl down" and "apictl up"; the data stays.',
        };
  },
};
