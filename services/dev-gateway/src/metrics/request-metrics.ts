import type { Registry } from 'prom-client';
import type { Exchange } from '../proxy/exchange.ts';
import { requestFamilies } from './families.ts';

/** Which families a prometheus plugin asks for. */
export interface MetricChoice {
  readonly perConsumer: boolean;
  readonly statusCodes: boolean;
  readonly latencies: boolean;
  readonly bandwidth: boolean;
}

export interface RequestMetrics {
  observe(exchange: Exchange, choice: MetricChoice): void;
}

/** Counts requests that matched a route; others are not counted, as Kong does not. */
export const requestMetrics = (registry: Registry, workspaceName: string): RequestMetrics => {
  const families = requestFamilies(registry);
  return {
    observe: (exchange, choice) => {
      const { route, service, response, latencies } = exchange;
      if (!route || !response) return;
      const labels = {
        service: service ? (service.name ?? service.host) : '',
        route: route.name ?? route.id,
        workspace: workspaceName,
      };
      const consumer = (choice.perConsumer && exchange.consumer?.username) || '';
      if (choice.statusCodes) {
        families.requests.inc({
          ...labels,
          code: String(response.status),
          source: response.source === 'service' ? 'service' : 'kong',
          consumer,
        });
      }
      if (choice.bandwidth) {
        families.bandwidth.inc({ ...labels, direction: 'egress', consumer }, response.sizeBytes);
        families.bandwidth.inc({ ...labels, direction: 'ingress', consumer }, exchange.requestBytes);
      }
      if (choice.latencies) {
        families.gatewayLatency.observe(labels, Math.max(latencies.gatewayMs, 0));
        families.requestLatency.observe(labels, latencies.totalMs);
        if (latencies.upstreamMs >= 0) families.upstreamLatency.observe(labels, latencies.upstreamMs);
      }
    },
  };
};
