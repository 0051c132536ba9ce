import type { Exchange } from '../proxy/exchange.ts';
import type { HeaderList } from '../proxy/header-list.ts';
import { plainReply, type Reply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

const DEFAULT_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];
const REGEX_MAGIC = /[^\w\-.:/]/;

interface OriginRule {
  matches(origin: string): boolean;
}

/** A plain origin, a host, or a regular expression over one of the two. */
const compileOrigin = (text: string): OriginRule => {
  const bareHost = (origin: string): string => origin.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  if (REGEX_MAGIC.test(text)) {
    const expression = new RegExp(`^(?:${text})$`, 'i');
    return { matches: (origin) => expression.test(origin) || expression.test(bareHost(origin)) };
  }
  const wanted = text.toLowerCase();
  return {
    matches: (origin) =>
      wanted.includes('://') ? origin.toLowerCase() === wanted : bareHost(origin).toLowerCase() === wanted,
  };
};

const addVary = (headers: HeaderList): void => {
  const values = headers.all('Vary');
  const hasOrigin = values.some((value) =>
    value.split(',').some((name) => name.trim().toLowerCase() === 'origin'),
  );
  if (!hasOrigin) headers.add('Vary', 'Origin');
};

/** Answers preflight requests and says in responses which origins may read them. */
export const cors: PluginKind = {
  name: 'cors',
  priority: 2000,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const origins = config.texts('origins');
    const allowsAny = origins === undefined || origins.length === 0 || origins.includes('*');
    const rules = (origins ?? []).filter((origin) => origin !== '*').map(compileOrigin);
    const single =
      origins?.length === 1 && !allowsAny && !REGEX_MAGIC.test(origins[0] ?? '') ? origins[0] : undefined;
    const credentials = config.flag('credentials');
    const methods = (config.texts('methods') ?? DEFAULT_METHODS).join(',');
    const allowedHeaders = config.texts('headers');
    const exposed = config.texts('exposed_headers');
    const maxAge = config.number('max_age');
    const continues = config.flag('preflight_continue');
    const privateNetwork = config.flag('private_network');

    const setOrigin = (exchange: Exchange, headers: HeaderList): boolean => {
      const origin = exchange.headers.get('origin');
      if (allowsAny && !credentials) {
        headers.set('Access-Control-Allow-Origin', '*');
        return true;
      }
      addVary(headers);
      if (single?.includes('://')) {
        headers.set('Access-Control-Allow-Origin', single);
        return true;
      }
      if (origin !== undefined && (allowsAny || rules.some((rule) => rule.matches(origin)))) {
        headers.set('Access-Control-Allow-Origin', origin);
        return true;
      }
      headers.remove('Access-Control-Allow-Origin');
      return false;
    };

    const isPreflight = (exchange: Exchange): boolean =>
      exchange.method === 'OPTIONS' &&
      exchange.headers.has('origin') &&
      exchange.headers.has('access-control-request-method');

    const answer = (exchange: Exchange): Reply => {
      const reply = plainReply({ status: 200 });
      const headers = reply.headers;
      // The header filter of this plugin sets the origin; here stands only what a preflight adds.
      const asked = exchange.headers.get('access-control-request-headers');
      const names = allowedHeaders?.length ? allowedHeaders.join(',') : asked;
      if (names !== undefined) headers.set('Access-Control-Allow-Headers', names);
      headers.set('Access-Control-Allow-Methods', methods);
      if (maxAge !== undefined) headers.set('Access-Control-Max-Age', String(maxAge));
      if (privateNetwork && exchange.headers.get('access-control-request-private-network') === 'true') {
        headers.set('Access-Control-Allow-Private-Network', 'true');
      }
      return reply;
    };

    return {
      access: (exchange) => (isPreflight(exchange) && !continues ? answer(exchange) : undefined),
      headerFilter: (exchange, head) => {
        const isAllowed = setOrigin(exchange, head.headers);
        if (isAllowed && credentials) head.headers.set('Access-Control-Allow-Credentials', 'true');
        if (exposed?.length && !isPreflight(exchange)) {
          head.headers.set('Access-Control-Expose-Headers', exposed.join(','));
        }
      },
    };
  },
};
