import type { Exchange } from '../proxy/exchange.ts';
import { parseJsonObject } from './body-fields.ts';
import { ConfigReader } from './config-reader.ts';
import { compileHeaderTransform } from './header-transform.ts';
import { parseNameValue } from './name-value.ts';
import { changeObject, type FieldChange, type ObjectChanges } from './object-transform.ts';
import type { PluginKind, ResponseHead } from './phases.ts';

const ACTIONS = ['remove', 'rename', 'replace', 'add', 'append'] as const;

function typedValue(text: string, type: string | undefined): unknown {
  if (type === 'number') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}

/** The changes to JSON objects that the configuration asks for; undefined when there are none. */
function compileChanges(config: ConfigReader): ObjectChanges | undefined {
  const list = (action: string) => config.record(action).texts('json') ?? [];
  if (ACTIONS.every((action) => list(action).length === 0)) return undefined;
  const typed = (action: string): FieldChange[] => {
    const types = config.record(action).texts('json_types') ?? [];
    return list(action)
      .map(parseNameValue)
      .map(({ name, value }, index) => ({ name, value: typedValue(value, types[index]) }))
      .filter(({ value }) => value !== '' && !Number.isNaN(value));
  };
  return {
    remove: list('remove').map((entry) => parseNameValue(entry).name),
    rename: list('rename')
      .map(parseNameValue)
      .flatMap(({ name, value }) => (value === '' ? [] : [{ name, to: value }])),
    replace: typed('replace'),
    add: typed('add'),
    append: typed('append'),
  };
}

/** Changes the headers of responses, and the fields of their bodies where these are JSON objects. */
export const responseTransformer: PluginKind = {
  name: 'response-transformer',
  priority: 800,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const transformHeaders = compileHeaderTransform(config);
    const changes = compileChanges(config);

    const transformBody = (exchange: Exchange, { headers }: ResponseHead): void => {
      const isJson = headers.get('content-type')?.toLowerCase().includes('application/json') === true;
      if (changes === undefined || !isJson) return;
      // How long it will be is known only when it is there.
      headers.remove('content-length');
      exchange.rewriteResponseBody((body) => {
        const object = parseJsonObject(body);
        return object === undefined ? body : Buffer.from(JSON.stringify(changeObject(object, changes)));
      });
    };

    return {
      headerFilter: (exchange, head) => {
        transformHeaders(head.headers, exchange);
        transformBody(exchange, head);
      },
    };
  },
};
