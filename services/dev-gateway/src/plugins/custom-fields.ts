import { type LogRecord, withField } from './log-record.ts';

/**
 * `custom_fields_by_lua` of the logging plugins. There is no Lua here: understood are `return nil`, which removes the
 * field, and a `return` of a quoted string, a number, `true` or `false`. Anything else is reported and left out.
 */
export interface CustomField {
  readonly path: string;
  /** Undefined removes the field. */
  readonly value: string | number | boolean | undefined;
}

export interface CustomFields {
  readonly fields: readonly CustomField[];
  /** Paths whose Lua code is not understood. */
  readonly unsupported: readonly string[];
}

const RETURN = /^\s*return\s+(.+?)\s*;?\s*$/s;
const QUOTED = /^(?:"([^"\\]*)"|'([^'\\]*)')$/;

const literal = (code: string): { readonly value: CustomField['value'] } | undefined => {
  const expression = RETURN.exec(code)?.[1];
  if (expression === undefined) return undefined;
  if (expression === 'nil') return { value: undefined };
  if (expression === 'true' || expression === 'false') return { value: expression === 'true' };
  if (/^-?\d+(\.\d+)?$/.test(expression)) return { value: Number(expression) };
  const quoted = QUOTED.exec(expression);
  return quoted ? { value: quoted[1] ?? quoted[2] ?? '' } : undefined;
};

export const parseCustomFields = (config: unknown): CustomFields => {
  const fields: CustomField[] = [];
  const unsupported: string[] = [];
  if (config !== null && typeof config === 'object') {
    for (const [path, code] of Object.entries(config)) {
      const found = typeof code === 'string' ? literal(code) : undefined;
      if (found) fields.push({ path, value: found.value });
      else unsupported.push(path);
    }
  }
  return { fields, unsupported };
};

export const applyCustomFields = (record: LogRecord, { fields }: CustomFields): LogRecord =>
  fields.reduce((changed, { path, value }) => withField(changed, path, value), record);
