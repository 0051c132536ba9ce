import type { HeaderList } from '../proxy/header-list.ts';
import type { ConfigReader } from './config-reader.ts';
import { parseNameValue } from './name-value.ts';

/** The header part of both transformer plugins: remove, rename, replace, add, append, in this order. */
export const compileHeaderTransform = (config: ConfigReader): ((headers: HeaderList) => void) => {
  const list = (action: string) => config.record(action).texts('headers') ?? [];
  const remove = list('remove');
  const rename = list('rename').map(parseNameValue);
  const replace = list('replace').map(parseNameValue);
  const add = list('add').map(parseNameValue);
  const append = list('append').map(parseNameValue);
  return (headers) => {
    for (const entry of remove) {
      const { name, value } = parseNameValue(entry);
      if (value === '' || headers.all(name).includes(value)) headers.remove(name);
    }
    for (const { name, value } of rename) {
      const old = headers.get(name);
      if (old === undefined) continue;
      headers.remove(name);
      headers.set(value, old);
    }
    for (const { name, value } of replace) if (headers.has(name)) headers.set(name, value);
    for (const { name, value } of add) if (!headers.has(name)) headers.set(name, value);
    for (const { name, value } of append) headers.add(name, value);
  };
};
