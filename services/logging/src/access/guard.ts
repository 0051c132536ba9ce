/** Who may use the administration listener: programs by the token, browsers by a session that the token opened. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Secret } from '../config/secret.ts';
import { HttpProblem } from '../http/problem.ts';
import { Attempts } from './attempts.ts';
import { isKnownHost, isSameOrigin } from './origin.ts';
import { csrfMatches, Sessions } from './sessions.ts';
import { bearerOf, tokenMatches } from './token.ts';

export const COOKIE = 'logging_session';
export const CSRF_HEADER = 'x-csrf-token';

const MAX_FAILURES = 10;
const FAILURES_WINDOW_MS = 60_000;

const HARMLESS = new Set(['GET', 'HEAD', 'OPTIONS']);

export class Guard {
  readonly sessions: Sessions;
  readonly #token: Secret;
  readonly #hosts: readonly string[];
  readonly #attempts: Attempts;

  constructor(token: Secret, hosts: readonly string[], nowMs: () => number = Date.now) {
    this.#token = token;
    this.#hosts = hosts;
    this.sessions = new Sessions(nowMs);
    this.#attempts = new Attempts(MAX_FAILURES, FAILURES_WINDOW_MS, nowMs);
  }

  /** Refuses requests under foreign names, which is how a page of another site would reach a loopback port. */
  watchHosts(app: FastifyInstance): void {
    app.addHook('onRequest', async (request) => {
      if (isKnownHost(request.headers.host, this.#hosts)) return;
      throw new HttpProblem(421, 'UNKNOWN_HOST', 'this service is not known under that host name', {
        hint: 'Use localhost or an address, or name the host in LOGGING_ADMIN_HOSTS.',
      });
    });
  }

  /** Guards every route of this scope. It hangs on the routes, not on the look of the path: "/%61pi/" is "/api/" to a router. */
  protect(scope: FastifyInstance): void {
    scope.addHook('onRequest', async (request, reply) => this.#admit(request, reply));
  }

  /** Checks a token that a login form sent. @throws HttpProblem 401, 403, 429 */
  login(request: FastifyRequest, token: string): void {
    if (!isSameOrigin(request.headers.origin, request.headers.host)) throw foreignOrigin();
    this.#checkToken(request, token);
  }

  #admit(request: FastifyRequest, reply: FastifyReply): void {
    const bearer = bearerOf(request.headers.authorization);
    if (bearer !== undefined) {
      reply.header('www-authenticate', 'Bearer realm="logging"');
      this.#checkToken(request, bearer);
      reply.removeHeader('www-authenticate');
      return;
    }
    const session = this.sessions.find(request.cookies[COOKIE]);
    if (session === undefined) {
      reply.header('www-authenticate', 'Bearer realm="logging"');
      throw new HttpProblem(401, 'UNAUTHORIZED', 'this needs the administration token', {
        hint: 'Send it as "Authorization: Bearer <token>", or open a session with POST /api/v1/session.',
      });
    }
    if (HARMLESS.has(request.method)) return;
    if (!isSameOrigin(request.headers.origin, request.headers.host)) throw foreignOrigin();
    if (csrfMatches(session, request.headers[CSRF_HEADER])) return;
    throw new HttpProblem(403, 'CSRF', `the header ${CSRF_HEADER} does not carry the token of this session`, {
      hint: 'GET /api/v1/session answers it.',
    });
  }

  /** An address that has failed too often is not even compared, or trying on would still find the token. */
  #checkToken(request: FastifyRequest, given: string): void {
    const waitSeconds = this.#attempts.waitSeconds(request.ip);
    if (waitSeconds > 0) {
      throw new HttpProblem(429, 'TOO_MANY_FAILURES', 'too many wrong tokens came from this address', {
        retryAfterSeconds: waitSeconds,
      });
    }
    if (tokenMatches(given, this.#token)) return;
    this.#attempts.fail(request.ip);
    throw new HttpProblem(401, 'WRONG_TOKEN', 'the administration token is not right', {
      hint: 'Print it with "apictl secrets show logging-admin-token".',
    });
  }
}

function foreignOrigin(): HttpProblem {
  return new HttpProblem(403, 'FOREIGN_ORIGIN', 'the request comes from a page of another origin');
}
