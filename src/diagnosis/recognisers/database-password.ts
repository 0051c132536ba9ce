import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const databasePassword: Rule = {
  id: 'database-password',
  weight: 'certain',
  failure: 'PostgreSQL refuses the password: its data was created with another one',
  remedy:
    'put the right value into `secrets/values/postgres-password`, or have a new one set with `apictl secrets rotate postgres-password`',
  recognise: (facts) => {
    // A client may keep trying in silence; then PostgreSQL's own log says that it refused.
    const told = { ...facts, log: [...facts.upstreamLog, ...facts.log] };
    const found = heard(
      told,
      /password authentication failed for user "?([^"\s]+)"?/i,
      /no password supplied/,
      /SCRAM.*(?:mismatch|bad|invalid)/i,
    );
    return found === undefined
      ? undefined
      : {
          cause: `was refused by PostgreSQL${found.match[1] === undefined ? '' : ` as user ${found.match[1]}`}: the password in secrets/values/postgres-password is not the one that its data was created with`,
          hint: 'Put the right password back, or have a new one set with "apictl secrets rotate postgres-password".',
        };
  },
};
