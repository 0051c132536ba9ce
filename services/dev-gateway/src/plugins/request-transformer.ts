import type { Exchange } from '../proxy/exchange.ts';
import { upstreamPath } from '../router/upstream-path.ts';
import { compileBodyTransform } from './body-transform.ts';
import { ConfigReader } from './config-reader.ts';
import { compileHeaderTransform } from './header-transform.ts';
import { parseNameValue } from './name-value.ts';
import type { PluginKind } from './phases.ts';
import {
  queryArgument,
  renameQueryArgument,
  replaceQueryArgument,
  withoutQueryArgument,
  withQueryArgument,
} from './query-string.ts';
import { compileTemplate } from './template.ts';

const compileQueryTransform = (config: ConfigReader): ((exchange: Exchange) => void) => {
  const list = (action: string) => config.record(action).texts('querystring') ?? [];
  const rename = list('rename').map(parseNameValue);
  const [replace, add, append] = ['replace', 'add', 'append'].map((action) =>
    list(action)
      .map(parseNameValue)
      .map(({ name, value }) => ({ name, render: compileTemplate(value) })),
  );
  return (exchange) => {
    const has = (name: string): boolean => queryArgument(exchange.query, name) !== undefined;
    for (const name of list('remove')) {
      if (exchange.query !== undefined) exchange.query = withoutQueryArgument(exchange.query, name);
    }
    for (const { name, value } of rename) {
      if (exchange.query !== undefined) exchange.query = renameQueryArgument(exchange.query, name, value);
    }
    for (const { name, render } of replace ?? []) {
      const value = render(exchange);
      if (exchange.query !== undefined && value !== undefined)
        exchange.query = replaceQueryArgument(exchange.query, name, value);
    }
    for (const { name, render } of add ?? []) {
      const value = has(name) ? undefined : render(exchange);
      if (value !== undefined) exchange.query = withQueryArgument(exchange.query, name, value);
    }
    for (const { name, render } of append ?? []) {
      const value = render(exchange);
      if (value !== undefined) exchange.query = withQueryArgument(exchange.query, name, value);
    }
  };
};

/** Changes method, path, query, headers and body of a request. */
export const requestTransformer: PluginKind = {
  name: 'request-transformer',
  priority: 801,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const transformHeaders = compileHeaderTransform(config, true);
    const transformQuery = compileQueryTransform(config);
    const transformBody = compileBodyTransform(config);
    const uri = config.record('replace').text('uri');
    const renderUri = uri === undefined ? undefined : compileTemplate(uri);
    const method = config.text('http_method')?.toUpperCase();

    const replaceUri = (exchange: Exchange): void => {
      const requestPath = renderUri?.(exchange);
      if (requestPath === undefined || exchange.route === undefined) return;
      exchange.upstreamPath = upstreamPath({
        route: { strip_path: false, path_handling: exchange.route.path_handling },
        servicePath: exchange.service?.path ?? null,
        requestPath,
        matchedPath: undefined,
      });
    };

    const transformHead = (exchange: Exchange): undefined => {
      // Templates speak of the request as it came in, so what replaces the path is made before anything changes.
      replaceUri(exchange);
      transformHeaders(exchange.headers, exchange);
      transformQuery(exchange);
      if (method !== undefined) exchange.upstreamMethod = method;
      return undefined;
    };

    return {
      access: (exchange) => {
        if (transformBody === undefined) return transformHead(exchange);
        return transformBody(exchange).then(() => transformHead(exchange));
      },
    };
  },
};
