import { randomUUID } from 'node:crypto';
import { buildAdmin } from './admin/server.ts';
import type { GatewayConfig } from './config.ts';
import { type Listener, serve } from './listener.ts';
import { buildManager } from './manager/server.ts';
import type {
  CachedResponses,
  ConnectionCounts,
  MetricsSource,
  NodeReadiness,
  UpstreamHealth,
} from './model/health.ts';
import type { SnapshotSource } from './model/snapshot.ts';
import { reloadAll, reloadListeners } from './reload-certificates.ts';
import { buildStatus } from './status/server.ts';
import { ConfigurationStore } from './store/configuration-store.ts';
import type { Storage } from './store/tables.ts';

/** The part of the gateway that serves traffic, as the other parts see it. */
export interface ProxySide {
  readonly health: UpstreamHealth;
  readonly metrics: MetricsSource;
  readonly cache: CachedResponses;
  readonly listeners: readonly { readonly host: string; readonly port: number }[];
  isReady(): boolean;
  /** Reads the certificate files again. @throws Error when they cannot be used; those in use then stay */
  reloadCertificates(): Promise<void>;
  connections(): ConnectionCounts;
  stop(): Promise<void>;
}

export interface ProxyInputs {
  readonly config: GatewayConfig;
  readonly snapshots: SnapshotSource;
  readonly nodeId: string;
  readonly databaseReachable: () => Promise<boolean>;
}

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly storage: Storage;
  readonly startProxy: (inputs: ProxyInputs) => Promise<ProxySide>;
  readonly notice: (text: string) => void;
}

export interface RunningGateway {
  readonly store: ConfigurationStore;
  readonly proxy: ProxySide;
  readonly admin: readonly Listener[];
  readonly status: readonly Listener[];
  readonly manager: readonly Listener[];
  /** Reads every certificate file again; connections that are there go on. Says what cannot be used, which then stays. */
  reloadCertificates(): Promise<void>;
  stop(): Promise<void>;
}

/** What `GET /` shows of the configuration: nothing that is secret. */
const shownConfiguration = ({ config, storage }: GatewayOptions): Readonly<Record<string, unknown>> => ({
  ...storage.description,
  admin_gui_url: config.guiUrl === undefined ? null : [config.guiUrl],
  router_flavor: 'traditional_compatible',
  role: 'traditional',
});

/**
 * Starts everything: the snapshot of the stored configuration, the proxy, the Admin API, the status listener and the
 * read-only page. What was started is stopped again when a later part cannot be.
 *
 * @throws Error when the database does not answer or an address cannot be had
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, storage, notice } = options;
  const nodeId = randomUUID();
  const store = new ConfigurationStore(storage, notice);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    // All at once: each lets the requests that are under way end, and none needs the other for it.
    await Promise.all(stops.splice(0).map((stopPart) => stopPart()));
    await store.stop();
  };
  try {
    await store.start();
    const databaseReachable = () => store.isReachable();
    const proxy = await options.startProxy({ config, snapshots: store.snapshots, nodeId, databaseReachable });
    stops.push(() => proxy.stop());
    const readiness: NodeReadiness = {
      databaseReachable,
      proxyReady: () => proxy.isReady(),
      connections: () => proxy.connections(),
    };
    const node = {
      nodeId,
      readiness,
      metrics: proxy.metrics,
      cache: proxy.cache,
      snapshots: store.snapshots,
      configuration: shownConfiguration(options),
    };
    const admin = buildAdmin({ store, health: proxy.health, node, guiUrl: config.guiUrl, notice });
    const status = buildStatus({ readiness, metrics: proxy.metrics });
    const manager = buildManager({ snapshots: store.snapshots, health: proxy.health });
    const started = async (listeners: Promise<Listener[]>): Promise<Listener[]> => {
      const running = await listeners;
      stops.push(async () => void (await Promise.all(running.map((listener) => listener.stop()))));
      return running;
    };
    const running = {
      admin: await started(serve(admin, config.admin)),
      status: await started(serve(status, config.status)),
      manager: await started(serve(manager, config.gui)),
    };
    return {
      store,
      proxy,
      ...running,
      reloadCertificates: () =>
        reloadAll(
          [
            () => proxy.reloadCertificates(),
            () => reloadListeners(running.admin, config.admin),
            () => reloadListeners(running.status, config.status),
            () => reloadListeners(running.manager, config.gui),
          ],
          notice,
        ),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
