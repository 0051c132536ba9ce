import { messageReply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

const UNIT_BYTES: Readonly<Record<string, number>> = { megabytes: 1024 * 1024, kilobytes: 1024, bytes: 1 };

/** Refuses bodies that are larger than allowed: by their stated length, or while they stream in when they state none. */
export const requestSizeLimiting: PluginKind = {
  name: 'request-size-limiting',
  priority: 951,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const unitBytes = UNIT_BYTES[config.text('size_unit') ?? 'megabytes'] ?? 1024 * 1024;
    const maxBytes = (config.number('allowed_payload_size') ?? 128) * unitBytes;
    const needsLength = config.flag('require_content_length');
    return {
      access: (exchange) => {
        const refuse = (status: number, message: string) =>
          messageReply({ status, message, requestId: exchange.id, accept: exchange.headers.get('accept') });
        const stated = exchange.headers.get('content-length');
        if (stated === undefined) {
          if (needsLength) return refuse(411, 'A valid Content-Length header is required');
          exchange.limitRequestBody(maxBytes);
          return undefined;
        }
        if (Number(stated) <= maxBytes) return undefined;
        const isWaiting = exchange.headers.get('expect')?.toLowerCase() === '100-continue';
        return refuse(isWaiting ? 417 : 413, 'Request size limit exceeded');
      },
    };
  },
};
