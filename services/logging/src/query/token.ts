/** The bearer token of the administration listener. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Secret } from '../config/secret.ts';
import { HttpProblem } from '../http/problem.ts';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares digests of equal length, so neither the length nor the first wrong character shows in the time. */
export function tokenMatches(header: string | undefined, token: Secret): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token.reveal())) && given !== '';
}

/**
 * Guards every route of this scope. It hangs on the routes, not on the look of the path: "/%61pi/" is "/api/" to a
 * router.
 */
export function requireToken(scope: FastifyInstance, token: Secret): void {
  scope.addHook('onRequest', async (request, reply) => {
    if (tokenMatches(request.headers.authorization, token)) return;
    reply.header('www-authenticate', 'Bearer realm="logging"');
    throw new HttpProblem(401, 'UNAUTHORIZED', 'this needs the administration token', {
      hint: 'Send it as "Authorization: Bearer <token>".',
    });
  });
}
