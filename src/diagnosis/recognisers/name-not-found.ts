import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const nameNotFound: Rule = {
  id: 'name-not-found',
  weight: 'dependency',
  failure: 'the name of another service is not found: it does not run, or is on another network',
  remedy: '`apictl status` says whether that service runs',
  recognise: (facts) => {
    const found = heard(
      facts,
      /could not translate host name "([^"]+)"/,
      /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (\S+)/,
      /lookup (\S+)(?: on \S+)?: no such host/,
      /([\w.-]+): (?:Name or service not known|Temporary failure in name resolution)/,
      /Name or service not known|Temporary failure in name resolution|name resolution failed|UnknownHostException:? ?(\S*)/,
    );
    if (found === undefined) return undefined;
    const name = found.match[1];
    return {
      cause: `cannot find ${name ? `the name ${name}` : 'the name of another service'} on its network`,
      hint: `Run "apictl status": ${name ? name : 'the other service'} has to run, and on a network that both are on.`,
    };
  },
};
