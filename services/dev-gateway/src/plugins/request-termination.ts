import { plainReply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';
import { queryArgument } from './query-string.ts';

const DEFAULT_MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  402: 'Payment required',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'An unexpected error occurred',
  503: 'Service unavailable',
};

/** Answers every request, or those with a trigger header or argument, with a fixed response. */
export const requestTermination: PluginKind = {
  name: 'request-termination',
  priority: 2,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const status = config.number('status_code') ?? 503;
    const body = config.text('body');
    const trigger = config.text('trigger');
    const message = config.text('message') ?? DEFAULT_MESSAGES[status];
    return {
      access: (exchange) => {
        if (trigger !== undefined) {
          const isTriggered =
            exchange.headers.has(trigger) || queryArgument(exchange.query, trigger) !== undefined;
          if (!isTriggered) return undefined;
        }
        if (config.flag('echo')) {
          return plainReply({
            status,
            json: {
              message,
              kong: { matched_route: { id: exchange.route?.id, name: exchange.route?.name } },
              request: {
                scheme: exchange.scheme,
                host: exchange.host,
                port: exchange.listenerPort,
                headers: exchange.headers.toRecord(),
                path: exchange.path,
                method: exchange.method,
              },
            },
          });
        }
        if (body !== undefined) {
          const contentType = config.text('content_type') ?? 'application/json; charset=utf-8';
          return plainReply({ status, text: { body, contentType } });
        }
        return plainReply({ status, json: { message } });
      },
    };
  },
};
