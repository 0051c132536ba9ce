import type { Http } from '../../core/ports/http.ts';
import type { LoginDoor } from '../door.ts';
import { bearerLogin, isLetIn } from './http.ts';

/** The logging service's administration. It reads its token when it starts; its browser sessions end with it. */
export const loggingDoor = (access: { readonly http: Http; readonly url: string }): LoginDoor => ({
  opens: (token) =>
    isLetIn(access.http, {
      service: 'logging',
      url: `${access.url}/api/v1/events?limit=1`,
      authorization: bearerLogin(token),
    }),
});
