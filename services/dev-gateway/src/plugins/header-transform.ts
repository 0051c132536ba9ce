import type { Exchange } from '../proxy/exchange.ts';
import type { HeaderList } from '../proxy/header-list.ts';
import type { ConfigReader } from './config-reader.ts';
import { parseNameValue } from './name-value.ts';
import { compileTemplate } from './template.ts';

/**
 * The header part of both transformer plugins: remove, rename, replace, add, append, in this order.
 *
 * @throws Error when a template is not understood
 */
export const compileHeaderTransform = (
  config: ConfigReader,
  hasTemplates = false,
): ((headers: HeaderList, exchange: Exchange) => void) => {
  const list = (action: string) => config.record(action).texts('headers') ?? [];
  const templates = (action: string) =>
    list(action)
      .map(parseNameValue)
      .map(({ name, value }) => ({
        name,
        render: hasTemplates ? compileTemplate(value) : () => value,
      }));
  const remove = list('remove').map(parseNameValue);
  const rename = list('rename').map(parseNameValue);
  const [replace, add, append] = [templates('replace'), templates('add'), templates('append')];
  return (headers, exchange) => {
    for (const { name, value } of remove) {
      if (value === '' || headers.all(name).includes(value)) headers.remove(name);
    }
    for (const { name, value } of rename) {
      const old = headers.get(name);
      if (old === undefined) continue;
      headers.remove(name);
      headers.set(value, old);
    }
    for (const { name, render } of replace) {
      const value = headers.has(name) ? render(exchange) : undefined;
      if (value !== undefined) headers.set(name, value);
    }
    for (const { name, render } of add) {
      const value = headers.has(name) ? undefined : render(exchange);
      if (value !== undefined) headers.set(name, value);
    }
    for (const { name, render } of append) {
      const value = render(exchange);
      if (value !== undefined) headers.add(name, value);
    }
  };
};
