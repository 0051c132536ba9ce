/** Which values of a plugin's configuration must not be shown. */
import type { FieldTable, PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { findPlugin } from '../schema/registry.ts';

const MASK = '••••••';
const SECRET_NAME = /password|secret|token|api_?key|private/i;

/** A URL without its user and password. */
const withoutCredentials = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, `$1${MASK}@`);

function masked(fields: FieldTable | undefined, record: PlainRecord): PlainRecord {
  const entries = Object.entries(record).map(([name, value]): [string, unknown] => {
    const field = fields?.[name];
    if (value === null || value === undefined) return [name, value];
    // Headers of a request that is sent elsewhere are where its credentials stand.
    const isSecret = SECRET_NAME.test(name) || (name === 'headers' && isPlainRecord(value));
    if (isSecret && (typeof value === 'string' || isPlainRecord(value))) return [name, MASK];
    if (typeof value === 'string') return [name, withoutCredentials(value)];
    return [name, isPlainRecord(value) ? masked(field?.fields, value) : value];
  });
  return Object.fromEntries(entries);
}

/** The configuration of a plugin with everything secret replaced. */
export const maskedConfig = (plugin: string, config: PlainRecord): PlainRecord =>
  masked(findPlugin(plugin)?.fields.config?.fields, config);
