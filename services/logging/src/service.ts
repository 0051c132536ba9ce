/** The whole service in one value: two listeners around the pipeline. */
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { Guard } from './access/guard.ts';
import { registerLogin, registerSession } from './access/routes.ts';
import { type AnyEndpoint, Api } from './api/endpoint.ts';
import type { Config } from './config/load.ts';
import type { ListenAddress } from './config/schema.ts';
import { readCertificate, reloadCertificate } from './http/certificate.ts';
import { registerHealth } from './http/health.ts';
import { createServer } from './http/server.ts';
import { registerIngest } from './ingest/routes.ts';
import type { Log } from './log.ts';
import { registerDeadLetters } from './manage/dead-letters.ts';
import { registerManagement } from './manage/routes.ts';
import type { Page } from './page/files.ts';
import { registerPage } from './page/routes.ts';
import { Pipeline } from './pipeline.ts';
import { asking } from './query/ask.ts';
import { registerQuery } from './query/routes.ts';
import type { OpenStore } from './store/port.ts';

export interface Service {
  readonly ingestUrl: string;
  readonly adminUrl: string;
  readonly pipeline: Pipeline;
  /** Told when the service cannot go on; told at once if that was before. */
  readonly onFatal: (listener: (error: unknown) => void) => void;
  /** Answers what is being asked, takes nothing new, makes everything durable, closes. */
  readonly stop: () => Promise<void>;
  /** Reads the certificate files again, where there are any. @throws Error when they cannot be used; those in use then stay */
  readonly reloadCertificate: () => Promise<void>;
}

/** Questions are small; whoever sends a body to the administration listener is mistaken. */
const MAX_QUESTION_BYTES = 64 * 1024;

/** Requests that are being answered get this long; a client that dawdles does not hold up the stop. */
const CLOSE_MS = 4000;

async function closeWithin(app: FastifyInstance, graceMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(timer);
}

async function listen(
  app: FastifyInstance,
  { host, port }: ListenAddress,
  scheme: 'http' | 'https' = 'http',
): Promise<string> {
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  return `${scheme}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

function createIngest(config: Config, pipeline: Pipeline, log: Log): FastifyInstance {
  const { metrics, deliver, masker } = pipeline;
  const app = createServer({ listener: 'ingest', maxBodyBytes: config.maxBodyBytes, metrics, log });
  registerHealth(app, metrics.registry, () => pipeline.health);
  registerIngest(app, {
    deliver,
    token: config.ingestToken,
    masker,
    metrics,
    maxBodyBytes: config.maxBodyBytes,
    maxInflatedBodyBytes: config.maxInflatedBodyBytes,
    maxLineBytes: config.maxLineBytes,
    nowMs: Date.now,
  });
  return app;
}

async function createAdmin(
  config: Config,
  pipeline: Pipeline,
  page: Page,
  log: Log,
): Promise<FastifyInstance> {
  const { metrics, store, retention, stopping } = pipeline;
  const app = createServer({
    listener: 'admin',
    maxBodyBytes: MAX_QUESTION_BYTES,
    metrics,
    log,
    tls: config.adminTls === undefined ? undefined : await readCertificate(config.adminTls),
  });
  const guard = new Guard(config.adminToken, config.adminHosts);
  const endpoints: AnyEndpoint[] = [];
  guard.watchHosts(app);
  app.register(cookie);
  registerPage(app, page);
  registerLogin(new Api(app, endpoints), guard);
  app.register(async (scope) => {
    guard.protect(scope);
    const api = new Api(scope, endpoints);
    registerSession(api, guard);
    registerQuery(api, { store, nowMs: Date.now, stopping });
    registerDeadLetters(api, store, asking(store), pipeline.shipper);
    registerManagement(api, { retention, pipeline: () => pipeline.describe() });
  });
  return app;
}

/**
 * Opens the data, then the listeners: whoever can connect is served.
 * @throws StoreLockedError, StoreTooNewError, and what listening throws
 */
export async function startService(
  config: Config,
  log: Log,
  openStore: OpenStore,
  page: Page,
): Promise<Service> {
  const pipeline = await Pipeline.open(config, log, openStore);
  const ingest = createIngest(config, pipeline, log);
  const admin = await createAdmin(config, pipeline, page, log).catch(async (error: unknown) => {
    await pipeline.stop();
    throw error;
  });
  let fatal: { readonly error: unknown } | undefined;
  let tell: (error: unknown) => void = (error) => {
    fatal = { error };
  };
  const stop = async (): Promise<void> => {
    pipeline.beginStop();
    await Promise.all([closeWithin(ingest, CLOSE_MS), closeWithin(admin, CLOSE_MS)]);
    await pipeline.stop();
  };
  try {
    // The ingest listener last: it answers whether the service is ready, which includes the other one.
    const adminUrl = await listen(
      admin,
      config.adminListen,
      config.adminTls === undefined ? 'http' : 'https',
    );
    const ingestUrl = await listen(ingest, config.ingestListen);
    pipeline.start((error) => tell(error));
    return {
      ingestUrl,
      adminUrl,
      pipeline,
      onFatal: (listener) => {
        tell = listener;
        if (fatal !== undefined) listener(fatal.error);
      },
      stop,
      reloadCertificate: async () => {
        if (config.adminTls !== undefined) await reloadCertificate(admin, config.adminTls);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
