import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const elasticPassword: Rule = {
  id: 'elastic-password',
  weight: 'certain',
  failure: 'Elasticsearch refuses a user’s password (Kibana, Logstash, an exporter, the setup job)',
  remedy:
    '`docker rm` of the job `elasticsearch-setup` and then `apictl up`: the job sets the passwords of all users but `elastic` again',
  recognise: (facts) => {
    const found = heard(
      facts,
      /unable to authenticate user \[([^\]]+)\]/,
      /failed to authenticate user \[([^\]]+)\]/,
      /value of "(elastic)" is forbidden/,
      /Got response code '401' contacting Elasticsearch/,
    );
    const user = found?.match[1];
    return found === undefined
      ? undefined
      : {
          cause: `was refused by Elasticsearch${user === undefined ? '' : ` as user ${user}`}: its password is not the one that is set there`,
          hint:
            user === 'elastic'
              ? 'Put the value that the data was created with back into secrets/values/elastic-password, or give up the data with "apictl down --volumes".'
              : 'Remove the container of elasticsearch-setup with "docker rm" and run "apictl up": the job sets the passwords again.',
        };
  },
};
