/** Forms carry only texts; the tables say which type a field wants. */
import { badRequest } from '../errors/admin-error.ts';
import type { FieldSchema, FieldTable, PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';

function place(target: PlainRecord, keys: readonly string[], value: unknown): void {
  const [head = '', ...rest] = keys;
  if (rest.length === 0) {
    const existing = target[head];
    if (existing === undefined) target[head] = value;
    else target[head] = Array.isArray(existing) ? [...existing, value] : [existing, value];
    return;
  }
  const [next = ''] = rest;
  const isList = next === '' || /^\d+$/.test(next);
  if (isList && rest.length === 1) {
    const list = target[head];
    target[head] = Array.isArray(list) ? [...list, value] : [value];
    return;
  }
  const nested = isPlainRecord(target[head]) ? target[head] : {};
  target[head] = nested;
  place(nested, rest, value);
}

/** As many as Kong reads. */
const MOST_ARGUMENTS = 1000;
/** Each level of nesting takes some, so that this bounds the levels, too. */
const MOST_NAME_CHARACTERS = 1000;

/** @throws AdminError when there are more arguments than are read */
export function refuseTooMany(fields: URLSearchParams): void {
  if (fields.size > MOST_ARGUMENTS) throw badRequest('Too many arguments');
}

/** `config.minute=5`, `paths[]=/a`, `paths[1]=/a` and `service[id]=...` become records and lists of texts. */
export function parseForm(text: string): PlainRecord {
  const output: PlainRecord = {};
  const fields = new URLSearchParams(text);
  refuseTooMany(fields);
  for (const [name, value] of fields) {
    if (name.length > MOST_NAME_CHARACTERS) throw badRequest('Too long a name of an argument');
    const keys = name.replaceAll(/\[([^\]]*)\]/g, '.$1').split('.');
    if (keys.some((key) => key === '__proto__')) continue;
    place(output, keys, value);
  }
  return output;
}

function typedValue(field: FieldSchema | undefined, value: unknown): unknown {
  if (value === '') return null;
  if (field === undefined) return value;
  switch (field.type) {
    case 'integer':
    case 'number':
      return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : value;
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'array':
    case 'set':
      return (Array.isArray(value) ? value : [value]).map((item) => typedValue(field.elements, item));
    case 'map':
      if (!isPlainRecord(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, typedValue(field.values, item)]),
      );
    case 'record':
      return isPlainRecord(value) && field.fields !== undefined ? typedForm(field.fields, value) : value;
    default:
      return value;
  }
}

/** The texts of a form in the types of the table's fields; what does not fit stays a text and fails validation. */
export const typedForm = (fields: FieldTable, form: PlainRecord): PlainRecord =>
  Object.fromEntries(Object.entries(form).map(([name, value]) => [name, typedValue(fields[name], value)]));
