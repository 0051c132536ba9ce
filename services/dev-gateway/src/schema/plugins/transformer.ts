import type { FieldSchema, FieldTable } from '../field.ts';
import { anyProtocol, definePlugin } from '../plugin.ts';

const list = (elements: FieldSchema): FieldSchema => ({
  type: 'array',
  required: true,
  default: [],
  elements,
});
const names = list({ type: 'string' });
const pairs = list({ type: 'string', match: '^[^:]+:.*$' });
const jsonTypes = list({ type: 'string', one_of: ['boolean', 'number', 'string'] });
const record = (fields: FieldTable): FieldSchema => ({ type: 'record', required: true, fields });

export const requestTransformer = definePlugin({
  name: 'request-transformer',
  priority: 801,
  protocols: anyProtocol,
  config: {
    http_method: { type: 'string', match: '^%u+$' },
    remove: record({ body: names, headers: names, querystring: names }),
    rename: record({ body: names, headers: pairs, querystring: names }),
    replace: record({ body: names, headers: pairs, querystring: names, uri: { type: 'string' } }),
    add: record({ body: names, headers: pairs, querystring: names }),
    append: record({ body: names, headers: pairs, querystring: names }),
  },
});

export const responseTransformer = definePlugin({
  name: 'response-transformer',
  priority: 800,
  config: {
    remove: record({ json: names, headers: names }),
    rename: record({ json: pairs, headers: pairs }),
    replace: record({ json: pairs, json_types: jsonTypes, headers: pairs }),
    add: record({ json: pairs, json_types: jsonTypes, headers: pairs }),
    append: record({ json: pairs, json_types: jsonTypes, headers: pairs }),
  },
});
