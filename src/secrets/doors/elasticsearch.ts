import type { Http } from '../../core/ports/http.ts';
import type { Secret } from '../../core/secret.ts';
import type { LoginDoor } from '../door.ts';
import { basicLogin, isLetIn, send } from './http.ts';

export interface ElasticsearchAccess {
  readonly http: Http;
  /** As `http://127.0.0.1:9200`. */
  readonly url: string;
  readonly user: string;
  /** Of the user elastic, who may set everybody's password; read when it is needed, because it may have changed just before. */
  readonly elasticPassword: () => Promise<Secret>;
}

const service = 'elasticsearch';
const ELASTIC = 'elastic';

/** A user of Elasticsearch. Its API takes a new password at once; the one of before is refused from then on. */
export function elasticsearchDoor({ http, url, user, elasticPassword }: ElasticsearchAccess): LoginDoor {
  const opens = (value: Secret): Promise<boolean> =>
    isLetIn(http, { service, url: `${url}/_security/_authenticate`, authorization: basicLogin(user, value) });

  const change = (value: Secret, authorization: string): Promise<void> =>
    send(http, {
      ...{ service, method: 'POST', url: `${url}/_security/user/${user}/_password`, authorization },
      body: { password: value.reveal() },
    });

  /** Set by whoever may: elastic by itself with the value that still opens, the others by elastic. */
  const changeFrom = async (before: Secret | null, value: Secret): Promise<void> => {
    if (await opens(value)) return;
    const by = user === ELASTIC ? before : await elasticPassword();
    await change(value, basicLogin(ELASTIC, by ?? value));
  };

  return {
    opens,
    holding: {
      admit: changeFrom,
      retire: async () => {},
      undo: (current, next) => changeFrom(next, current),
    },
  };
}
