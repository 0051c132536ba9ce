import type {
  ConditionalCheck,
  ConditionalChoice,
  CustomCheck,
  EntityCheck,
  FieldErrors,
  FieldMatch,
  FieldSchema,
  FieldTable,
  PlainRecord,
} from './field.ts';
import { isPlainRecord, readPath, readSchemaPath } from './field.ts';

/** How a value is judged by a field's schema; handed in, because records judge their parts by entity checks again. */
export type JudgeField = (
  field: FieldSchema,
  value: unknown,
) => ReturnType<NonNullable<FieldSchema['check']>>;

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

const isFilled = (value: unknown): boolean => {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
};

function writeError(errors: FieldErrors, path: string, error: FieldErrors[string]): void {
  const [head = '', ...rest] = path.split('.');
  if (rest.length === 0) {
    errors[head] = error;
    return;
  }
  const existing = errors[head];
  const nested: FieldErrors = isPlainRecord(existing) ? (existing as FieldErrors) : {};
  errors[head] = nested;
  writeError(nested, rest.join('.'), error);
}

function laidOver(fields: FieldTable, path: string, match: FieldMatch): FieldSchema {
  const field = readSchemaPath(fields, path) ?? { type: 'string' };
  // Whether the field itself is required is not the question here; the match says what is asked.
  return { ...field, required: false, ...match, type: field.type };
}

function runConditional(
  check: ConditionalCheck,
  fields: FieldTable,
  entity: PlainRecord,
  errors: FieldErrors,
  judge: JudgeField,
): string | undefined {
  const condition = readPath(entity, check.if_field) ?? null;
  if (condition === null) return undefined;
  if (judge(laidOver(fields, check.if_field, check.if_match), condition) !== undefined) return undefined;
  const value = readPath(entity, check.then_field) ?? null;
  const failure =
    check.then_match.eq === null && value !== null
      ? 'value must be null'
      : judge(laidOver(fields, check.then_field, check.then_match), value);
  if (failure === undefined) return undefined;
  writeError(errors, check.then_field, failure);
  return check.then_err ?? `failed conditional validation given value of field '${check.if_field}'`;
}

function runChoice(
  check: ConditionalChoice,
  fields: FieldTable,
  entity: PlainRecord,
  judge: JudgeField,
): string | undefined {
  const condition = readPath(entity, check.if_field) ?? null;
  if (condition === null) return undefined;
  const isMatch = (match: FieldMatch | undefined): boolean =>
    match !== undefined && judge(laidOver(fields, check.if_field, match), condition) === undefined;
  const [names, message] = isMatch(check.if_match)
    ? [check.then_at_least_one_of, check.then_err]
    : isMatch(check.else_match)
      ? [check.else_then_at_least_one_of, check.else_then_err]
      : [undefined, undefined];
  if (names === undefined || names.some((name) => isFilled(readPath(entity, name)))) return undefined;
  const list = quoted(names);
  return message?.replace('%s', list) ?? `at least one of these fields must be non-empty: ${list}`;
}

function runCustom(check: CustomCheck, entity: PlainRecord, errors: FieldErrors): string | undefined {
  if (check.field_sources.some((name) => errors[name] !== undefined)) return undefined;
  const failure = check.check(entity);
  for (const [name, error] of Object.entries(failure?.fields ?? {})) writeError(errors, name, error);
  return failure?.entity;
}

function runOne(
  check: EntityCheck,
  fields: FieldTable,
  entity: PlainRecord,
  errors: FieldErrors,
  judge: JudgeField,
): string | undefined {
  const filled = (names: readonly string[]) => names.filter((name) => isFilled(readPath(entity, name)));
  if ('at_least_one_of' in check) {
    const names = check.at_least_one_of;
    if (filled(names).length > 0) return undefined;
    return `at least one of these fields must be non-empty: ${quoted(names)}`;
  }
  if ('only_one_of' in check) {
    const names = check.only_one_of;
    return filled(names).length === 1
      ? undefined
      : `exactly one of these fields must be non-empty: ${quoted(names)}`;
  }
  if ('distinct' in check) {
    const values = filled(check.distinct).map((name) => readPath(entity, name));
    if (new Set(values).size === values.length) return undefined;
    return `values of these fields must be distinct: ${quoted(check.distinct)}`;
  }
  if ('mutually_required' in check) {
    const count = filled(check.mutually_required).length;
    if (count === 0 || count === check.mutually_required.length) return undefined;
    return `all or none of these fields must be set: ${quoted(check.mutually_required)}`;
  }
  if ('mutually_exclusive' in check) {
    if (filled(check.mutually_exclusive).length < 2) return undefined;
    return `only one or none of these fields must be set: ${quoted(check.mutually_exclusive)}`;
  }
  if ('conditional_at_least_one_of' in check)
    return runChoice(check.conditional_at_least_one_of, fields, entity, judge);
  if ('conditional' in check) return runConditional(check.conditional, fields, entity, errors, judge);
  return runCustom(check.custom_entity_check, entity, errors);
}

/** Runs the rules across fields over a complete entity; adds what fails to `errors`, the rules' own under `@entity`. */
export function runEntityChecks(
  checks: readonly EntityCheck[],
  fields: FieldTable,
  entity: PlainRecord,
  errors: FieldErrors,
  judge: JudgeField,
): void {
  const failures: string[] = [];
  for (const check of checks) {
    const failure = runOne(check, fields, entity, errors, judge);
    if (failure !== undefined) failures.push(failure);
  }
  if (failures.length > 0) errors['@entity'] = failures;
}
