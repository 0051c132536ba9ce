import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

/** Counts requests in the families that the plugin's configuration turns on. */
export const prometheus: PluginKind = {
  name: 'prometheus',
  priority: 13,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const choice = {
      perConsumer: config.flag('per_consumer'),
      statusCodes: config.flag('status_code_metrics'),
      latencies: config.flag('latency_metrics'),
      bandwidth: config.flag('bandwidth_metrics'),
    };
    return { log: (exchange) => world.metrics.observe(exchange, choice) };
  },
};
