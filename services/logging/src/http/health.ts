/** Liveness, readiness and metrics, without authentication. */
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** One part of the service and why it is not well; `reason` undefined means it is. */
export interface PartHealth {
  readonly part: string;
  readonly reason: string | undefined;
  /** False for what may fail without events being refused. */
  readonly isVital: boolean;
}

export function registerHealth(
  app: FastifyInstance,
  registry: Registry,
  parts: () => readonly PartHealth[],
): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = Object.fromEntries(parts().map(({ part, reason }) => [part, reason ?? 'ok']));
    const isReady = parts().every(({ reason, isVital }) => reason === undefined || !isVital);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
