import type { Exchange } from '../proxy/exchange.ts';
import { messageReply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';
import { RATE_WINDOWS, RateCounters, type RateWindow, windowStartMs } from './rate-windows.ts';

const WINDOWS = Object.keys(RATE_WINDOWS) as RateWindow[];

const titled = (window: RateWindow): string => window.charAt(0).toUpperCase() + window.slice(1);

const identify = (exchange: Exchange, limitBy: string, config: ConfigReader): string => {
  const consumerOrCredential = exchange.consumer?.id ?? exchange.credential?.id;
  switch (limitBy) {
    case 'consumer':
      return consumerOrCredential ?? exchange.clientIp;
    case 'credential':
      return exchange.credential?.id ?? exchange.clientIp;
    case 'service':
      return exchange.service?.id ?? exchange.clientIp;
    case 'header':
      return exchange.headers.get(config.text('header_name') ?? '') ?? exchange.clientIp;
    case 'path':
      return exchange.path === config.text('path') ? exchange.path : exchange.clientIp;
    default:
      return exchange.clientIp;
  }
};

/**
 * Fixed windows counted in this process. The counters outlive changes of the plugin's configuration, so that raising a
 * limit does not hand out a fresh one. The policies `cluster` and `redis` are served as `local`, with a warning.
 */
export const rateLimiting = (): PluginKind => {
  const counters = new RateCounters();
  return {
    name: 'rate-limiting',
    priority: 910,
    create: (plugin, world) => {
      const config = new ConfigReader(plugin.config);
      const limits = WINDOWS.flatMap((window) => {
        const limit = config.number(window);
        return limit === undefined
          ? []
          : [
              {
                window,
                limit,
                limitHeader: `X-RateLimit-Limit-${titled(window)}`,
                remainingHeader: `X-RateLimit-Remaining-${titled(window)}`,
              },
            ];
      });
      const limitBy = config.text('limit_by') ?? 'consumer';
      const hideHeaders = config.flag('hide_client_headers');
      const errorCode = config.number('error_code') ?? 429;
      const errorMessage = config.text('error_message') ?? 'API rate limit exceeded';
      const policy = config.text('policy') ?? 'local';
      const scope = `${plugin.route?.id ?? ''}:${plugin.service?.id ?? ''}`;
      const noteKey = `rate-limiting:${plugin.id}`;
      if (policy !== 'local') {
        world.log.warn(`rate-limiting: policy "${policy}" is counted in this process only`, {
          plugin: plugin.id,
        });
      }

      return {
        access: (exchange) => {
          const nowMs = world.now();
          const key = `${scope}:${identify(exchange, limitBy, config)}`;
          const left = limits.map(({ window, limit }) => limit - counters.count(key, window, nowMs));
          const exhausted = left.findIndex((count) => count <= 0);
          const headers: Record<string, string> = {};
          let tightest:
            | { limit: number; left: number; lengthSeconds: number; window: RateWindow }
            | undefined;
          for (const [index, { window, limit, limitHeader, remainingHeader }] of limits.entries()) {
            // Of several limits only the one that stopped the request, or all when none did, counts this request.
            const isCounted = exhausted < 0 || exhausted === index;
            const afterThis = Math.max(0, (left[index] ?? 0) - (isCounted ? 1 : 0));
            headers[limitHeader] = String(limit);
            headers[remainingHeader] = String(afterThis);
            const lengthSeconds = RATE_WINDOWS[window];
            const isTighter =
              !tightest ||
              afterThis < tightest.left ||
              (afterThis === tightest.left && lengthSeconds > tightest.lengthSeconds);
            if (isTighter) tightest = { limit, left: afterThis, lengthSeconds, window };
          }
          if (!tightest) return undefined;
          const passedSeconds = Math.floor((nowMs - windowStartMs(tightest.window, nowMs)) / 1000);
          const resetSeconds = Math.max(1, tightest.lengthSeconds - passedSeconds);
          headers['RateLimit-Limit'] = String(tightest.limit);
          headers['RateLimit-Remaining'] = String(tightest.left);
          headers['RateLimit-Reset'] = String(resetSeconds);
          if (exhausted >= 0) {
            return messageReply({
              status: errorCode,
              message: errorMessage,
              requestId: exchange.id,
              accept: exchange.headers.get('accept'),
              headers: hideHeaders ? {} : { ...headers, 'Retry-After': String(resetSeconds) },
            });
          }
          for (const { window } of limits) counters.increment(key, window, nowMs);
          if (!hideHeaders) exchange.setNote(noteKey, headers);
          return undefined;
        },
        headerFilter: (exchange, head) => {
          const headers = exchange.note<Record<string, string>>(noteKey) ?? {};
          for (const [name, value] of Object.entries(headers)) head.headers.set(name, value);
        },
      };
    },
  };
};
