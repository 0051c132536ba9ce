/** Some entities have tables that depend on one of their own fields: plugins and vaults on their name, routes on their protocols. */
import type { EntityCheck, FieldTable } from './field.ts';

/** What is laid over the tables of the entity. */
export interface Subschema {
  readonly fields: FieldTable;
  readonly entity_checks: readonly EntityCheck[];
}

export interface Subschemas {
  /** The field that decides. */
  readonly key: string;
  find(value: string): Subschema | undefined;
  /** What is said of a value that none is for. */
  unknown(value: string): string;
}

/** The value that decides: the field's own, or the first of a list that has a table. */
export const decidingValue = (subschemas: Subschemas, given: unknown): string => {
  if (!Array.isArray(given)) return typeof given === 'string' ? given : 'nil';
  const known = given.find((value) => typeof value === 'string' && subschemas.find(value) !== undefined);
  return String(known ?? given[0] ?? 'nil');
};
