/** Logging in and out of a browser session. */
import { z } from 'zod';
import type { Api, Endpoint } from '../api/endpoint.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import { HttpProblem } from '../http/problem.ts';
import { COOKIE, type Guard } from './guard.ts';
import type { Session } from './sessions.ts';

export const sessionSchema = z.strictObject({
  csrf_token: z.string().describe('To be sent as X-CSRF-Token with whatever is no GET.'),
  expires_at: z.string(),
});

const loginSchema = z.strictObject({ token: z.string().min(1).max(4096) });

const OPEN: Endpoint<undefined, typeof loginSchema> = {
  method: 'POST',
  path: '/api/v1/session',
  summary: 'Log in: the administration token for a session cookie',
  body: loginSchema,
  answer: sessionSchema,
  isOpen: true,
};
const SHOW: Endpoint = {
  method: 'GET',
  path: '/api/v1/session',
  summary: 'The session of this cookie',
  answer: sessionSchema,
};
const CLOSE: Endpoint = {
  method: 'DELETE',
  path: '/api/v1/session',
  summary: 'Log out',
  answer: undefined,
};

/** Secure with a certificate only: over HTTP, also on the loopback, some browsers would drop such a cookie. */
const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'strict', secure: 'auto' } as const;

function answer({ csrfToken, expiresMs }: Session): z.output<typeof sessionSchema> {
  return { csrf_token: csrfToken, expires_at: formatTimestampUs(expiresMs * 1000) };
}

/** Needs no session: this is where one begins. */
export function registerLogin(api: Api, guard: Guard): void {
  api.add(OPEN, async ({ body, request, reply }) => {
    guard.login(request, body.token);
    // A session that was open before is not continued, or whoever planted it would be logged in as well.
    guard.sessions.close(request.cookies[COOKIE]);
    const { id, session } = guard.sessions.open();
    reply.setCookie(COOKIE, id, { ...COOKIE_OPTIONS, expires: new Date(session.expiresMs) });
    return answer(session);
  });
}

export function registerSession(api: Api, guard: Guard): void {
  api.add(SHOW, async ({ request }) => {
    const session = guard.sessions.find(request.cookies[COOKIE]);
    if (session === undefined) {
      throw new HttpProblem(404, 'NO_SESSION', 'this request was let in by its token, not by a session');
    }
    return answer(session);
  });
  api.add(CLOSE, async ({ request, reply }) => {
    guard.sessions.close(request.cookies[COOKIE]);
    reply.clearCookie(COOKIE, COOKIE_OPTIONS).code(204);
    return undefined;
  });
}
