import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const connectionRefused: Rule = {
  id: 'connection-refused',
  weight: 'dependency',
  failure: 'another service does not answer it',
  remedy: '`apictl status` says what is wrong with that service',
  recognise: (facts) => {
    // What its own health check is refused says that it does not listen itself, not whom it misses.
    const said = { ...facts, checks: [] };
    const found = heard(
      said,
      /connection to server at "([^"]+)" .*(?:[Cc]onnection refused|timed? ?out|No route to host)/,
      /connect (?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH) (\S+)/,
      /dial tcp (\S+?): connect: (?:connection refused|no route to host)/,
      /PostgreSQL error\] failed to retrieve (?:server_version_num|PostgreSQL server_version_num): (?:connection refused|timeout|host or service not provided.*)/,
      /Unable to retrieve version information from Elasticsearch nodes/,
      /(PostgreSQL) did not answer within/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `gets no answer${found.match[1] === undefined ? '' : ` from ${found.match[1]}`}: ${found.line}`,
          hint: 'Run "apictl status", which says what is wrong with the service that does not answer.',
        };
  },
};
