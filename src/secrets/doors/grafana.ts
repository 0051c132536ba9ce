import type { Http } from '../../core/ports/http.ts';
import type { Secret } from '../../core/secret.ts';
import type { LoginDoor } from '../door.ts';
import { basicLogin, isLetIn, send } from './http.ts';

export interface GrafanaAccess {
  readonly http: Http;
  /** As `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly user: string;
}

const service = 'grafana';

/** A user of Grafana, who sets the password of its own. Sessions that are open stay open. */
export function grafanaDoor({ http, url, user }: GrafanaAccess): LoginDoor {
  const opens = (value: Secret): Promise<boolean> =>
    isLetIn(http, { service, url: `${url}/api/user`, authorization: basicLogin(user, value) });

  const change = async (before: Secret | null, value: Secret): Promise<void> => {
    // Where an earlier try has come so far: Grafana locks a user out who fails often.
    if (before === null || (!(await opens(before)) && (await opens(value)))) return;
    await send(http, {
      ...{ service, method: 'PUT', url: `${url}/api/user/password`, authorization: basicLogin(user, before) },
      body: { oldPassword: before.reveal(), newPassword: value.reveal(), confirmNew: value.reveal() },
    });
  };

  return {
    opens,
    holding: {
      admit: change,
      retire: async () => {},
      undo: (current, next) => change(next, current),
    },
  };
}
