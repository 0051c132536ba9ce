/**
 * The vocabulary of the declarative tables: one table per entity and per plugin says what a field may hold, and one
 * interpreter fills defaults, validates and describes it. Names follow Kong's own schemas, because
 * `GET /schemas/...` shows the tables as they stand (functions aside).
 */

export type FieldType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'array'
  | 'set'
  | 'map'
  | 'record'
  | 'foreign';

/** Constraints that stand beside a type; each is checked by the validator of its name. */
export interface FieldConstraints {
  readonly eq?: string | number | boolean | null;
  readonly ne?: string | number | boolean | null;
  readonly one_of?: readonly (string | number)[];
  readonly not_one_of?: readonly (string | number)[];
  readonly gt?: number;
  readonly timestamp?: boolean;
  readonly uuid?: boolean;
  readonly is_regex?: boolean;
  readonly between?: readonly [number, number];
  readonly len_eq?: number;
  readonly len_min?: number;
  readonly len_max?: number;
  readonly starts_with?: string;
  readonly match?: string;
  readonly match_none?: readonly { readonly pattern: string; readonly err: string }[];
  readonly match_all?: readonly { readonly pattern: string; readonly err: string }[];
  readonly match_any?: { readonly patterns: readonly string[]; readonly err: string };
  readonly mutually_exclusive_subsets?: readonly (readonly string[])[];
  readonly contains?: string;
  /** What cannot be said by the table. Answers the error, or undefined; never part of a schema's description. */
  readonly check?: (value: unknown) => FieldError | undefined;
  /** Replaces the message of every failed constraint of this field. */
  readonly err?: string;
}

export interface FieldSchema extends FieldConstraints {
  readonly type: FieldType;
  readonly required?: boolean;
  readonly default?: unknown;
  /** Filled by the gateway: an identifier, a moment or a random string. */
  readonly auto?: boolean;
  readonly unique?: boolean;
  readonly unique_across_ws?: boolean;
  readonly referenceable?: boolean;
  readonly encrypted?: boolean;
  /** Accepted and answered, but kept elsewhere than in the entity's row. */
  readonly transient?: boolean;
  readonly elements?: FieldSchema;
  readonly keys?: FieldSchema;
  readonly values?: FieldSchema;
  readonly fields?: FieldTable;
  readonly shorthand_fields?: Readonly<Record<string, ShorthandField>>;
  readonly entity_checks?: readonly EntityCheck[];
  readonly reference?: string;
  readonly on_delete?: 'cascade';
  readonly deprecation?: Readonly<Record<string, unknown>>;
}

/** An old name of a nested field: accepted on input, and shown on output beside the field that replaced it. */
export interface ShorthandField {
  readonly type: FieldType;
  readonly len_min?: number;
  readonly translate_backwards: readonly string[];
  readonly deprecation?: Readonly<Record<string, unknown>>;
}

export type FieldTable = Readonly<Record<string, FieldSchema>>;

/** A part of a field's schema that is laid over the field's own for one check. */
export type FieldMatch = Partial<Pick<FieldSchema, 'required' | 'elements' | 'type'>> & FieldConstraints;

export interface ConditionalCheck {
  readonly if_field: string;
  readonly if_match: FieldMatch;
  readonly then_field: string;
  readonly then_match: FieldMatch;
  readonly then_err?: string;
}

/** When a field matches, one of others must be set; the messages have `%s` where the names go. */
export interface ConditionalChoice {
  readonly if_field: string;
  readonly if_match: FieldMatch;
  readonly then_at_least_one_of: readonly string[];
  readonly then_err?: string;
  readonly else_match?: FieldMatch;
  readonly else_then_at_least_one_of?: readonly string[];
  readonly else_then_err?: string;
}

export interface CustomCheck {
  readonly field_sources: readonly string[];
  readonly run_with_missing_fields?: boolean;
  /** Answers the error of the whole entity, errors by field, or undefined. */
  readonly check: (entity: PlainRecord) => EntityCheckFailure | undefined;
}

export interface EntityCheckFailure {
  readonly entity?: string;
  readonly fields?: Readonly<Record<string, FieldError>>;
}

/** A rule across fields; exactly one key is set. A name with dots reaches into records. */
export type EntityCheck =
  | { readonly at_least_one_of: readonly string[] }
  | { readonly only_one_of: readonly string[] }
  | { readonly distinct: readonly string[] }
  | { readonly mutually_required: readonly string[] }
  | { readonly mutually_exclusive: readonly string[] }
  | { readonly conditional_at_least_one_of: ConditionalChoice }
  | { readonly conditional: ConditionalCheck }
  | { readonly custom_entity_check: CustomCheck };

/** The error of one field: a sentence, or errors by subfield or by position (null where an element is fine). */
export type FieldError = string | FieldErrors | readonly (FieldError | null)[];
export interface FieldErrors {
  [field: string]: FieldError;
}

export type PlainRecord = Record<string, unknown>;

/** A table of fields with the rules across them: an entity, a plugin's part of one, or a record. */
export interface RecordSchema {
  readonly fields: FieldTable;
  readonly entity_checks: readonly EntityCheck[];
}

export const isPlainRecord = (value: unknown): value is PlainRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads `a.b.c` out of nested records; undefined where the path ends early. */
export function readPath(entity: PlainRecord, path: string): unknown {
  let value: unknown = entity;
  for (const key of path.split('.')) {
    if (!isPlainRecord(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** The field schema behind `a.b.c`; undefined where the tables know no such field. */
export function readSchemaPath(fields: FieldTable, path: string): FieldSchema | undefined {
  const [head = '', ...rest] = path.split('.');
  const field = fields[head];
  if (rest.length === 0 || field?.fields === undefined) return rest.length === 0 ? field : undefined;
  return readSchemaPath(field.fields, rest.join('.'));
}
