/** What both transformer plugins do to the fields of a body: remove, rename, replace, add, append, in this order. */

export interface FieldChange {
  readonly name: string;
  readonly value: unknown;
}

export interface ObjectChanges {
  readonly remove: readonly string[];
  readonly rename: readonly { readonly name: string; readonly to: string }[];
  readonly replace: readonly FieldChange[];
  readonly add: readonly FieldChange[];
  readonly append: readonly FieldChange[];
}

/** Null, false and what is not there count as missing, as they do in Lua. */
const isThere = (value: unknown): boolean => value !== undefined && value !== false;

function appended(current: unknown, value: unknown): unknown {
  if (Array.isArray(current)) return [...current, value];
  return typeof current === 'string' ? [current, value] : [value];
}

export function changeObject(
  object: Readonly<Record<string, unknown>>,
  { remove, rename, replace, add, append }: ObjectChanges,
): Record<string, unknown> {
  // A map, so that no field's name means anything, such as `__proto__`.
  const fields = new Map(Object.entries(object));
  for (const name of remove) fields.delete(name);
  for (const { name, to } of rename) {
    const value = fields.get(name);
    if (name === to || !isThere(value)) continue;
    fields.delete(name);
    fields.set(to, value);
  }
  for (const { name, value } of replace) if (isThere(fields.get(name))) fields.set(name, value);
  for (const { name, value } of add) if (!isThere(fields.get(name))) fields.set(name, value);
  for (const { name, value } of append) fields.set(name, appended(fields.get(name), value));
  return Object.fromEntries(fields);
}
