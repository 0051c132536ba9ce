import type { ProxyInputs, ProxySide } from './gateway.ts';
import type { GatewayLog } from './proxy/gateway-log.ts';

/** Starts the part that serves traffic. */
export async function startProxySide(_inputs: ProxyInputs, log: GatewayLog): Promise<ProxySide> {
  log.warn('the proxy is not part of this build; only the Admin API is served');
  return {
    health: { targetHealth: () => [], balancerHealth: () => undefined, setTargetHealth: () => false },
    metrics: { render: async () => '' },
    listeners: [],
    isReady: () => true,
    connections: () => ({ accepted: 0, active: 0, handled: 0, reading: 0, waiting: 0, writing: 0, totalRequests: 0 }),
    stop: async () => undefined,
  };
}
