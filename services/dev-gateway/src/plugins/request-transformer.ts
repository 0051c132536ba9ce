import type { Exchange } from '../proxy/exchange.ts';
import { upstreamPath } from '../router/upstream-path.ts';
import { ConfigReader } from './config-reader.ts';
import { compileHeaderTransform } from './header-transform.ts';
import { hasTemplate, parseNameValue } from './name-value.ts';
import type { PluginKind } from './phases.ts';
import {
  queryArgument,
  renameQueryArgument,
  replaceQueryArgument,
  withoutQueryArgument,
  withQueryArgument,
} from './query-string.ts';

const ACTIONS = ['remove', 'rename', 'replace', 'add', 'append'] as const;

const compileQueryTransform = (config: ConfigReader): ((exchange: Exchange) => void) => {
  const list = (action: string) => config.record(action).texts('querystring') ?? [];
  const [rename, replace, add, append] = ['rename', 'replace', 'add', 'append'].map((action) =>
    list(action).map(parseNameValue),
  );
  return (exchange) => {
    const has = (name: string): boolean => queryArgument(exchange.query, name) !== undefined;
    for (const name of list('remove')) {
      if (exchange.query !== undefined) exchange.query = withoutQueryArgument(exchange.query, name);
    }
    for (const { name, value } of rename ?? []) {
      if (exchange.query !== undefined) exchange.query = renameQueryArgument(exchange.query, name, value);
    }
    for (const { name, value } of replace ?? []) {
      if (exchange.query !== undefined) exchange.query = replaceQueryArgument(exchange.query, name, value);
    }
    for (const { name, value } of add ?? []) {
      if (!has(name)) exchange.query = withQueryArgument(exchange.query, name, value);
    }
    for (const { name, value } of append ?? [])
      exchange.query = withQueryArgument(exchange.query, name, value);
  };
};

/** Changes method, path, query and headers of a request. Bodies and `$(...)` templates are not changed, with a warning. */
export const requestTransformer: PluginKind = {
  name: 'request-transformer',
  priority: 801,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const transformHeaders = compileHeaderTransform(config);
    const transformQuery = compileQueryTransform(config);
    const uri = config.record('replace').text('uri');
    const method = config.text('http_method')?.toUpperCase();
    const values = ACTIONS.flatMap((action) => [
      ...(config.record(action).texts('headers') ?? []),
      ...(config.record(action).texts('querystring') ?? []),
    ]);
    if (ACTIONS.some((action) => (config.record(action).texts('body') ?? []).length > 0)) {
      world.log.warn('request-transformer: bodies are not transformed', { plugin: plugin.id });
    }
    if ([...values, uri ?? ''].some(hasTemplate)) {
      world.log.warn('request-transformer: templates are used as they stand', { plugin: plugin.id });
    }
    return {
      access: (exchange) => {
        transformHeaders(exchange.headers);
        transformQuery(exchange);
        if (uri !== undefined && exchange.route) {
          exchange.upstreamPath = upstreamPath({
            route: { strip_path: false, path_handling: exchange.route.path_handling },
            servicePath: exchange.service?.path ?? null,
            requestPath: uri,
            matchedPath: undefined,
          });
        }
        if (method !== undefined) exchange.upstreamMethod = method;
        return undefined;
      },
    };
  },
};
