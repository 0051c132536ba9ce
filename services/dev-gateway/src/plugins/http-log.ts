import { Agent, request } from 'undici';
import { BatchQueue } from './batch-queue.ts';
import { ConfigReader } from './config-reader.ts';
import { applyCustomFields, parseCustomFields } from './custom-fields.ts';
import type { PluginKind } from './phases.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

interface Endpoint {
  readonly url: string;
  readonly authorization: string | undefined;
}

/** Credentials in the URL become a header, so that they are in no log of requested URLs. */
const parseEndpoint = (text: string): Endpoint => {
  const url = new URL(text);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url: url.href,
    authorization: username === '' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`,
  };
};

const configuredHeaders = (config: ConfigReader): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of config.record('headers').entries())
    if (typeof value === 'string') headers[name] = value;
  return headers;
};

/** Sends the records of requests to an HTTP endpoint; with a batch size above 1 as JSON arrays. TLS is not verified, as Kong does not. */
export const httpLog: PluginKind = {
  name: 'http-log',
  priority: 12,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const { url, authorization } = parseEndpoint(config.text('http_endpoint') ?? '');
    const method =
      config.text('method') === 'PUT' || config.text('method') === 'PATCH' ? config.text('method') : 'POST';
    const timeoutMs = config.number('timeout') ?? DEFAULT_TIMEOUT_MS;
    const headers = {
      ...configuredHeaders(config),
      ...(authorization === undefined ? {} : { authorization }),
      'content-type': config.text('content_type') ?? 'application/json',
    };
    const custom = parseCustomFields(config.raw('custom_fields_by_lua'));
    for (const field of custom.unsupported) {
      world.log.warn(
        'http-log: only "return nil" and the return of a literal are understood as Lua; field ignored',
        {
          plugin: plugin.id,
          field,
        },
      );
    }
    const agent = new Agent({
      connect: { timeout: timeoutMs, rejectUnauthorized: false },
      keepAliveTimeout: config.number('keepalive') ?? 60_000,
    });
    const queueConfig = config.record('queue');
    const seconds = (name: string, fallback: number): number => (queueConfig.number(name) ?? fallback) * 1000;
    const maxBatchSize = queueConfig.number('max_batch_size') ?? 1;
    const queue = new BatchQueue({
      name: `http-log ${new URL(url).host}`,
      maxBatchSize,
      maxCoalescingDelayMs: seconds('max_coalescing_delay', 1),
      maxEntries: queueConfig.number('max_entries') ?? 10_000,
      maxRetryTimeMs: seconds('max_retry_time', 60),
      initialRetryDelayMs: seconds('initial_retry_delay', 0.01),
      maxRetryDelayMs: seconds('max_retry_delay', 60),
      log: world.log,
      now: world.now,
      deliver: async (batch) => {
        const response = await request(url, {
          method: method as 'POST' | 'PUT' | 'PATCH',
          headers,
          body: maxBatchSize === 1 ? (batch[0] ?? '') : `[${batch.join(',')}]`,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          dispatcher: agent,
        });
        await response.body.dump();
        if (response.statusCode >= 300)
          throw new Error(`${new URL(url).host} answered ${response.statusCode}`);
      },
    });
    return {
      log: (exchange) =>
        queue.push(world.records.stringify(applyCustomFields(world.records.record(exchange), custom))),
      close: async () => {
        await queue.close();
        await agent.close();
      },
    };
  },
};
