import type { Exchange } from '../proxy/exchange.ts';
import { bodyKind, parseJsonObject } from './body-fields.ts';
import type { ConfigReader } from './config-reader.ts';
import { parseNameValue } from './name-value.ts';
import { changeObject, type FieldChange, type ObjectChanges } from './object-transform.ts';
import { compileTemplate } from './template.ts';

/** The fields of a form; one that comes more than once is a list. */
function parseFields(text: string): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [name, value] of new URLSearchParams(text)) {
    const known = fields.get(name);
    if (known === undefined) fields.set(name, value);
    else fields.set(name, Array.isArray(known) ? [...known, value] : [known, value]);
  }
  return Object.fromEntries(fields);
}

function writeFields(fields: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
  return new URLSearchParams(pairs).toString();
}

/**
 * Changes the fields of JSON objects and forms on their way to the service; undefined when the plugin asks for none.
 * Bodies of other types, and those that are too large to be held, go on as they are.
 */
export function compileBodyTransform(
  config: ConfigReader,
): ((exchange: Exchange) => Promise<void>) | undefined {
  const list = (action: string) => config.record(action).texts('body') ?? [];
  const actions = ['remove', 'rename', 'replace', 'add', 'append'];
  if (actions.every((action) => list(action).length === 0)) return undefined;
  const remove = list('remove').map((entry) => parseNameValue(entry).name);
  const rename = list('rename')
    .map(parseNameValue)
    .map(({ name, value }) => ({ name, to: value }));
  const [replace, add, append] = ['replace', 'add', 'append'].map((action) =>
    list(action)
      .map(parseNameValue)
      .map(({ name, value }) => ({ name, template: compileTemplate(value) })),
  );
  const rendered = (exchange: Exchange, changes: typeof replace): FieldChange[] =>
    (changes ?? []).flatMap(({ name, template }) => {
      const value = template(exchange);
      return value === undefined ? [] : [{ name, value }];
    });

  return async (exchange) => {
    const kind = bodyKind(exchange);
    const bytes = kind === undefined ? undefined : await exchange.readBody();
    if (kind === undefined || bytes === undefined) return;
    const text = bytes.toString('utf8');
    const object = kind === 'form' ? parseFields(text) : text === '' ? {} : parseJsonObject(bytes);
    if (object === undefined) return;
    const changes: ObjectChanges = {
      remove,
      rename,
      replace: rendered(exchange, replace),
      add: rendered(exchange, add),
      append: rendered(exchange, append),
    };
    const changed = changeObject(object, changes);
    exchange.newBody = Buffer.from(kind === 'form' ? writeFields(changed) : JSON.stringify(changed));
  };
}
