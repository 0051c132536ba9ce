import { createHash } from 'node:crypto';
import type { Exchange } from '../proxy/exchange.ts';
import { HeaderList } from '../proxy/header-list.ts';
import { plainReply, type Reply } from '../proxy/reply.ts';
import { type CacheDirectives, freshSeconds, readDirectives } from './cache-directives.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind, ResponseHead } from './phases.ts';
import { argumentNames, queryArguments } from './query-string.ts';
import type { CachedResponse } from './response-cache.ts';

/** These belong to one connection, or are made anew for each response. */
const NOT_KEPT =
  /^(?:connection|keep-alive|proxy-authenticate|proxy-authorization|te|trailers|transfer-encoding|upgrade|content-length|age|x-cache-status|x-cache-key)$|ratelimit-remaining/;

/** What is shown of the cache with a response, and under which key a response is to be stored. */
interface CacheNote {
  readonly status: 'Miss' | 'Bypass' | 'Refresh';
  readonly key: string | undefined;
}

interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: string;
}

function mediaType(text: string): MediaType | undefined {
  const [essence = '', ...parameters] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const parts = /^([^/\s]+)\/([^/\s]+)$/.exec(essence);
  if (parts === null) return undefined;
  return { type: parts[1] ?? '', subtype: parts[2] ?? '', parameters: parameters.sort().join(';') };
}

function isOfType(contentType: string, expected: string): boolean {
  const [given, wanted] = [mediaType(contentType), mediaType(expected)];
  if (given === undefined || wanted === undefined) return false;
  const isEqual = (a: string, b: string): boolean => b === '*' || a === b;
  return (
    isEqual(given.type, wanted.type) &&
    isEqual(given.subtype, wanted.subtype) &&
    given.parameters === wanted.parameters
  );
}

const numbers = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Gives responses again for a time, without asking the service. */
export const proxyCache: PluginKind = {
  name: 'proxy-cache',
  priority: 100,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const methods = config.texts('request_method') ?? [];
    const statuses = numbers(config.raw('response_code'));
    const contentTypes = config.texts('content_type') ?? [];
    const heedsControl = config.flag('cache_control');
    const cacheSeconds = config.number('cache_ttl') ?? 300;
    const storageSeconds = config.number('storage_ttl');
    const varyHeaders = config.texts('vary_headers') ?? [];
    const varyArguments = config.texts('vary_query_params') ?? [];
    const shownHeaders = config.record('response_headers');
    const { cache } = world;
    const seconds = (): number => Math.floor(world.now() / 1000);

    const isShown = (exchange: Exchange, name: string): boolean =>
      exchange.headers.has('kong-debug') || shownHeaders.flag(name);

    const keyOf = (exchange: Exchange): string => {
      const owner = exchange.route
        ? [exchange.consumer?.id, exchange.route.id].filter((id) => id !== undefined).join(':')
        : 'default';
      const path = exchange.requestTarget.replace(/\?.*$/s, '');
      const uri = `${exchange.method} ${config.flag('ignore_uri_case') ? path.toLowerCase() : path}`;
      const names = varyArguments.length > 0 ? varyArguments : argumentNames(exchange.query).sort();
      const query = names.flatMap((name) => {
        const values = queryArguments(exchange.query, name);
        return values.length === 0 ? [] : [`${name}=${values.sort().join(',')}`];
      });
      const headers = varyHeaders.flatMap((name) => {
        const values = exchange.headers.all(name);
        return values.length === 0 ? [] : [`${name}=${[...values].sort().join(',')}`];
      });
      const text = [owner, exchange.method, uri, query.join(':'), headers.join(':')].join('|');
      return createHash('sha256').update(text).digest('hex');
    };

    const isCacheableRequest = (exchange: Exchange, directives: CacheDirectives): boolean => {
      if (!methods.includes(exchange.method)) return false;
      const isForbidden = ['no-store', 'no-cache'].some((name) => directives.has(name));
      return !(heedsControl && (isForbidden || exchange.headers.has('authorization')));
    };

    const isCacheableResponse = ({ status, headers }: ResponseHead, directives: CacheDirectives): boolean => {
      const contentType = headers.get('content-type');
      if (!statuses.includes(status) || contentType === undefined) return false;
      if (!contentTypes.some((expected) => isOfType(contentType, expected))) return false;
      if (!heedsControl) return true;
      if (['private', 'no-store', 'no-cache'].some((name) => directives.has(name))) return false;
      return freshSeconds(directives, headers.get('expires'), world.now()) > 0;
    };

    const isAcceptable = ({ timestamp, ttl }: CachedResponse, directives: CacheDirectives): boolean => {
      const age = seconds() - timestamp;
      if (!heedsControl) return age <= cacheSeconds;
      const limit = (name: string): number | undefined => {
        const value = directives.get(name);
        return typeof value === 'number' ? value : undefined;
      };
      return !(
        age > (limit('max-age') ?? Number.POSITIVE_INFINITY) ||
        age - ttl > (limit('max-stale') ?? Number.POSITIVE_INFINITY) ||
        ttl - age < (limit('min-fresh') ?? Number.NEGATIVE_INFINITY)
      );
    };

    const replyFrom = (exchange: Exchange, key: string, response: CachedResponse): Reply => {
      const headers = HeaderList.fromFlat([...response.headers]);
      if (isShown(exchange, 'age')) headers.set('age', String(seconds() - response.timestamp));
      if (isShown(exchange, 'X-Cache-Status')) headers.set('X-Cache-Status', 'Hit');
      if (isShown(exchange, 'X-Cache-Key')) headers.set('X-Cache-Key', key);
      headers.set('Content-Length', String(response.body.length));
      return { status: response.status, headers, body: response.body, isOfService: true };
    };

    const note = (exchange: Exchange, status: CacheNote['status'], key?: string): undefined => {
      exchange.setNote(plugin.id, { status, key } satisfies CacheNote);
      return undefined;
    };

    const keep = (exchange: Exchange, key: string, { status, headers }: ResponseHead, ttl: number): void => {
      const kept = HeaderList.fromFlat(headers.toFlat());
      kept.retain((name) => !NOT_KEPT.test(name));
      const pieces: Buffer[] = [];
      exchange.tapResponseBody((piece) => {
        if (piece !== undefined) {
          pieces.push(piece);
          return;
        }
        const response = {
          status,
          headers: kept.toFlat(),
          body: Buffer.concat(pieces),
          timestamp: seconds(),
          ttl,
        };
        cache.store(key, response, storageSeconds ?? ttl);
      });
    };

    return {
      access: (exchange) => {
        const directives = readDirectives(exchange.headers.get('cache-control'));
        if (!isCacheableRequest(exchange, directives)) return note(exchange, 'Bypass');
        const key = keyOf(exchange);
        const response = cache.fetch(key);
        if (response === undefined) {
          if (heedsControl && directives.has('only-if-cached')) return plainReply({ status: 504 });
          return note(exchange, 'Miss', key);
        }
        if (!isAcceptable(response, directives)) return note(exchange, 'Refresh', key);
        return replyFrom(exchange, key, response);
      },
      headerFilter: (exchange, head) => {
        const noted = exchange.note<CacheNote>(plugin.id);
        if (noted === undefined) return;
        const directives = readDirectives(head.headers.get('cache-control'));
        const isKept = noted.key !== undefined && isCacheableResponse(head, directives);
        if (isKept && noted.key !== undefined) {
          const fresh = heedsControl
            ? freshSeconds(directives, head.headers.get('expires'), world.now())
            : cacheSeconds;
          keep(exchange, noted.key, head, fresh);
        }
        if (isShown(exchange, 'X-Cache-Status')) {
          head.headers.set('X-Cache-Status', isKept ? noted.status : 'Bypass');
        }
        if (noted.key !== undefined && isShown(exchange, 'X-Cache-Key')) {
          head.headers.set('X-Cache-Key', noted.key);
        }
      },
    };
  },
};
