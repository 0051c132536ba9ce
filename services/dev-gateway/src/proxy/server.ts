import type { Socket } from 'node:net';
import { Registry } from 'prom-client';
import { type Probe, probeAddress } from '../balancer/probe.ts';
import { HostResolver, type Resolve, systemResolve } from '../balancer/resolver.ts';
import { joinHostPort } from '../balancer/target-address.ts';
import type { HealthChange } from '../balancer/upstream-balancer.ts';
import { Upstreams } from '../balancer/upstreams.ts';
import { gatewayMetrics } from '../metrics/gateway-metrics.ts';
import { requestMetrics } from '../metrics/request-metrics.ts';
import type { CachedResponses, ConnectionCounts, MetricsSource, UpstreamHealth } from '../model/health.ts';
import type { Snapshot, SnapshotSource } from '../model/snapshot.ts';
import { type Directory, directoryOf } from '../plugins/directory.ts';
import { pluginKinds } from '../plugins/kinds.ts';
import { logRecordWriter } from '../plugins/log-record.ts';
import { PluginSet } from '../plugins/plugin-set.ts';
import { ResponseCache } from '../plugins/response-cache.ts';
import { CertificateStore } from './certificate-store.ts';
import { addressBook } from './client-address.ts';
import { ConnectionCounter } from './connection-counter.ts';
import { ConnectionPools } from './connection-pools.ts';
import { CurrentRouter } from './current-router.ts';
import { loadDefaultPairs, watchCertificateFiles } from './default-certificate.ts';
import type { Gateway } from './gateway.ts';
import type { GatewayLog } from './gateway-log.ts';
import { listen, type ProxyListener, SILENCE_TIMEOUT_MS } from './listeners.ts';
import { requestHandlers } from './serve-request.ts';
import type { ProxySettings } from './settings.ts';

export interface ProxyOptions {
  readonly settings: ProxySettings;
  readonly snapshots: SnapshotSource;
  readonly log: GatewayLog;
  readonly nodeId: string;
  /** The version that the metrics tell. */
  readonly version: string;
  /** How the gateway names itself in `Server` and `Via`. */
  readonly name: string;
  readonly workspace: { readonly id: string; readonly name: string };
  readonly databaseReachable: () => Promise<boolean>;
  /** For tests: other eyes for the DNS, the health checks and the clock. */
  readonly resolve?: Resolve;
  readonly probe?: Probe;
  readonly now?: () => number;
}

export interface ProxyHandle {
  readonly listeners: readonly { readonly host: string; readonly port: number; readonly isTls: boolean }[];
  readonly health: UpstreamHealth;
  readonly metrics: MetricsSource;
  readonly cache: CachedResponses;
  isReady(): boolean;
  connections(): ConnectionCounts;
  /** Reads the certificate files again. @throws Error when they cannot be used; those in use then stay */
  reloadCertificates(): Promise<void>;
  /** Takes no more connections, lets requests end for up to `graceMs`, then breaks off the rest. */
  stop(graceMs?: number): Promise<void>;
}

const DEFAULT_GRACE_MS = 10_000;
const CERTIFICATE_CHECK_INTERVAL_MS = 5_000;
const DNS_ERROR_TTL_MS = 1_000;

/** Starts the proxy and follows the configuration from then on. @throws Error when an address or certificate cannot be used */
export const startProxy = async (options: ProxyOptions): Promise<ProxyHandle> => {
  const { settings, snapshots, log, workspace } = options;
  const now = options.now ?? Date.now;
  const certificates = new CertificateStore(await loadDefaultPairs(settings.certificate), log);
  const resolver = new HostResolver({
    resolve: options.resolve ?? systemResolve,
    validTtlMs: settings.dnsValidTtlMs,
    errorTtlMs: Math.min(DNS_ERROR_TTL_MS, settings.dnsValidTtlMs),
    now,
  });
  const upstreams = new Upstreams({
    resolver,
    probe: options.probe ?? probeAddress,
    onHealthChange: (change) => tellHealthChange(log, change),
    turnCount: settings.workerProcesses,
  });
  const registry = new Registry();
  let snapshot: Snapshot = snapshots.current();
  const router = new CurrentRouter(() => snapshot, log);
  let directory: Directory = directoryOf(snapshot);
  const cache = new ResponseCache(now);
  const plugins = new PluginSet(pluginKinds(), {
    cache,
    now,
    log,
    directory: () => directory,
    records: logRecordWriter(workspace),
    metrics: requestMetrics(registry, workspace.name),
  });
  const pools = new ConnectionPools({ idleTimeoutMs: settings.upstreamIdleTimeoutMs, now });
  const counter = new ConnectionCounter();
  let isStopping = false;

  const apply = (next: Snapshot): void => {
    const hasOtherRoutes = next.routes !== snapshot.routes || next.services !== snapshot.services;
    // Its indexes are worth keeping: changes of routes and targets are far more frequent than those of consumers.
    if (!hasSameConsumers(next, snapshot)) directory = directoryOf(next);
    snapshot = next;
    upstreams.apply(next);
    plugins.apply(next.plugins);
    certificates.apply(next);
    if (hasOtherRoutes) router.forget();
  };
  apply(snapshot);
  router.get();
  const unsubscribe = snapshots.subscribe(apply);

  const gateway: Gateway = {
    snapshot: () => snapshot,
    router: () => router.get(),
    plugins,
    upstreams,
    resolver,
    pools,
    addresses: addressBook(settings),
    log,
    name: options.name,
    isDraining: () => isStopping,
  };
  const listeners: ProxyListener[] = [];
  const useCertificates = (): void => {
    for (const listener of listeners) listener.useCertificates();
  };
  const reloadCertificates = async (): Promise<void> => {
    certificates.setDefault(await loadDefaultPairs(settings.certificate));
    useCertificates();
    log.info('the proxy uses the certificate that its files hold now');
  };
  const stopWatching = watchCertificateFiles(settings.certificate, CERTIFICATE_CHECK_INTERVAL_MS, log, () =>
    reloadCertificates().catch((error: unknown) => {
      log.error(
        `the changed certificate cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    }),
  );

  const release = async (): Promise<void> => {
    stopWatching();
    unsubscribe();
    router.stop();
    for (const socket of counter.sockets) socket.destroy();
    upstreams.stop();
    resolver.close();
    await pools.destroy();
    await plugins.close();
  };

  const handlers = {
    ...requestHandlers(gateway, counter),
    onConnection: (socket: Socket) => counter.accept(socket),
    onIdle: (socket: Socket) => onSilence(socket),
  };
  try {
    for (const address of settings.listen) listeners.push(await listen(address, certificates, handlers));
  } catch (error) {
    for (const listener of listeners) listener.stopAccepting();
    await release();
    throw error;
  }

  let stopping: Promise<void> | undefined;
  const stop = async (graceMs: number): Promise<void> => {
    isStopping = true;
    for (const listener of listeners) listener.stopAccepting();
    await allEnded(counter, graceMs);
    await release();
  };

  return {
    listeners,
    health: upstreams,
    cache,
    metrics: gatewayMetrics({
      registry,
      nodeId: options.nodeId,
      version: options.version,
      upstreams,
      connections: () => counter.counts(),
      databaseReachable: options.databaseReachable,
      unsupportedPlugins: () => plugins.unsupported,
      rejectedRouteCount: () => router.get().rejected.length,
      wantsTargetHealth: () => plugins.anyHasFlag('prometheus', 'upstream_health_metrics'),
    }),
    isReady: () => !isStopping && snapshot.version > 0,
    connections: () => counter.counts(),
    reloadCertificates,
    stop: (graceMs = DEFAULT_GRACE_MS) => {
      stopping ??= stop(graceMs);
      return stopping;
    },
  };
};

const hasSameConsumers = (a: Snapshot, b: Snapshot): boolean =>
  a.consumers === b.consumers &&
  a.keyAuthCredentials === b.keyAuthCredentials &&
  a.basicAuthCredentials === b.basicAuthCredentials &&
  a.jwtCredentials === b.jwtCredentials &&
  a.hmacAuthCredentials === b.hmacAuthCredentials &&
  a.aclGroups === b.aclGroups;

const tellHealthChange = (log: GatewayLog, { upstream, address, isHealthy, cause }: HealthChange): void => {
  const where = {
    upstream,
    target: joinHostPort(address.hostname, address.port),
    address: joinHostPort(address.ip, address.port),
  };
  if (isHealthy) log.info(`target is healthy again, says ${cause}`, where);
  else log.warn(`target is unhealthy, says ${cause}`, where);
};

/** What of a connection Node's server keeps, to tell a silent client from a slow upstream. */
interface ServedSocket extends Socket {
  readonly parser?: { readonly incoming?: { readonly complete: boolean } | null } | null;
  readonly _httpMessage?: object | null;
}

/** A connection that is silent because its request waits for the upstream is left alone; any other is dropped. */
const onSilence = (socket: ServedSocket): void => {
  const isReadingBody = socket.parser?.incoming?.complete === false;
  const isBlocked = socket.writableLength > 0;
  if (socket._httpMessage && !isReadingBody && !isBlocked) socket.setTimeout(SILENCE_TIMEOUT_MS);
  else socket.destroy();
};

/** Resolves when no request is under way any more, or when the time is up. */
const allEnded = (counter: ConnectionCounter, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const deadline = performance.now() + graceMs;
    const look = (): void => {
      if (counter.inFlight === 0 || performance.now() >= deadline) resolve();
      else setTimeout(look, 20);
    };
    look();
  });
