import type { ProxyInputs, ProxySide } from './gateway.ts';
import { GATEWAY_VERSION, SERVER_NAME } from './identity.ts';
import type { GatewayLog } from './proxy/gateway-log.ts';
import { type ProxyOptions, startProxy } from './proxy/server.ts';

/** There is one workspace, as in Kong without its commercial parts; log records and metrics name it. */
const WORKSPACE = { id: '00000000-0000-4000-8000-000000000000', name: 'default' } as const;

/** Engines give a container ten seconds before they kill it; requests may use most of them. */
const STOP_GRACE_MS = 8_000;

/** What tests put in the place of the world around the proxy. */
export type ProxyWorld = Pick<ProxyOptions, 'resolve' | 'probe' | 'now'>;

/** Starts the part that serves traffic. Throws when an address or a certificate cannot be used. */
export async function startProxySide(
  { config, snapshots, nodeId, databaseReachable }: ProxyInputs,
  log: GatewayLog,
  world: ProxyWorld = {},
): Promise<ProxySide> {
  const proxy = await startProxy({
    settings: config.proxy,
    snapshots,
    log,
    nodeId,
    version: GATEWAY_VERSION,
    name: SERVER_NAME,
    workspace: WORKSPACE,
    databaseReachable,
    ...world,
  });
  return { ...proxy, stop: () => proxy.stop(STOP_GRACE_MS) };
}
