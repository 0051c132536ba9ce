import type { Exchange } from '../proxy/exchange.ts';
import type { HeaderList } from '../proxy/header-list.ts';
import { plainReply, type Reply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import { compileOrigin, isPlainOrigin, parseOrigin } from './cors-origins.ts';
import type { PluginKind } from './phases.ts';

const DEFAULT_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];

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
    const allowsAny =
      origins === undefined || origins.length === 0 || (origins.length === 1 && origins[0] === '*');
    const rules = (origins ?? []).map((text) => ({ isAny: text === '*', matches: compileOrigin(text) }));
    const [first = ''] = origins ?? [];
    const only = origins?.length === 1 && isPlainOrigin(first) ? first : undefined;
    const credentials = config.flag('credentials');
    const methods = (config.texts('methods') ?? DEFAULT_METHODS).join(',');
    const allowedHeaders = config.texts('headers');
    const exposed = config.texts('exposed_headers');
    const maxAge = config.number('max_age');
    const continues = config.flag('preflight_continue');
    const privateNetwork = config.flag('private_network');

    /** Says who may read the response; answers whether anybody may. */
    const setOrigin = (exchange: Exchange, headers: HeaderList): boolean => {
      if (allowsAny) {
        headers.set('Access-Control-Allow-Origin', '*');
        return true;
      }
      addVary(headers);
      if (only !== undefined) {
        headers.set('Access-Control-Allow-Origin', only);
        return false;
      }
      const asking = exchange.headers.get('origin');
      const origin = asking === undefined ? undefined : parseOrigin(asking);
      const rule = origin && rules.find(({ isAny, matches }) => isAny || matches(origin));
      if (origin === undefined || rule === undefined) headers.remove('Access-Control-Allow-Origin');
      else headers.set('Access-Control-Allow-Origin', rule.isAny ? '*' : origin.domain);
      return rule?.isAny === true;
    };

    const setCredentials = (exchange: Exchange, headers: HeaderList, isForAll: boolean): void => {
      if (!credentials) return;
      if (!isForAll) {
        headers.set('Access-Control-Allow-Credentials', 'true');
        return;
      }
      // Browsers take no credentials for everybody: whoever asks is named instead.
      const origin = exchange.headers.get('origin');
      if (origin === undefined) return;
      addVary(headers);
      headers.set('Access-Control-Allow-Origin', origin);
      headers.set('Access-Control-Allow-Credentials', 'true');
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
        // A preflight that goes on is the service's to answer.
        if (continues && isPreflight(exchange)) return;
        setCredentials(exchange, head.headers, setOrigin(exchange, head.headers));
        if (exposed?.length && !isPreflight(exchange)) {
          head.headers.set('Access-Control-Expose-Headers', exposed.join(','));
        }
      },
    };
  },
};
