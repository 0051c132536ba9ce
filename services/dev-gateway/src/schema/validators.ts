import type { FieldError, FieldMatch } from './field.ts';
import { luaPattern } from './lua-pattern.ts';
import { compilePcre } from './pcre.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  return Object.keys(value as object).length;
};

const text = (value: unknown): string => String(value);

function isRegex(value: unknown): boolean {
  try {
    compilePcre(text(value));
    return true;
  } catch {
    return false;
  }
}

function exclusiveSubsets(
  values: readonly unknown[],
  subsets: readonly (readonly string[])[],
): string | undefined {
  // In the order in which the values come.
  const found = values.flatMap((value) => subsets.filter((subset) => subset.includes(text(value))));
  const present = [...new Set(found)];
  if (present.length < 2) return undefined;
  const words = present.map((subset) => `(${subset.map((name) => `'${name}'`).join(', ')})`);
  return `these sets are mutually exclusive: ${words.join(', ')}`;
}

/**
 * Checks a value (never null, and of the field's type) against every constraint of its field, in Kong's order, and
 * answers the first failure in Kong's words.
 */
export function violatedConstraint(field: FieldMatch, value: unknown): FieldError | undefined {
  const failure = firstFailure(field, value);
  return failure !== undefined && field.err !== undefined ? field.err : failure;
}

function firstFailure(field: FieldMatch, value: unknown): FieldError | undefined {
  if (field.eq !== undefined && value !== field.eq) return `value must be ${text(field.eq)}`;
  if (field.ne !== undefined && value === field.ne) return `value must not be ${text(value)}`;
  if (field.not_one_of?.some((option) => option === value)) {
    return `must not be one of: ${field.not_one_of.join(', ')}`;
  }
  if (field.one_of !== undefined && !field.one_of.some((option) => option === value)) {
    return `expected one of: ${field.one_of.join(', ')}`;
  }
  return (
    numberFailure(field, value) ??
    lengthFailure(field, value) ??
    textFailure(field, value) ??
    listFailure(field, value)
  );
}

function numberFailure(field: FieldMatch, value: unknown): string | undefined {
  if (field.gt !== undefined && !(Number(value) > field.gt)) return `value must be greater than ${field.gt}`;
  if (field.timestamp === true && !(Number(value) > 0)) return 'expected a valid timestamp';
  if (field.uuid === true && !isUuid(text(value))) return 'expected a valid UUID';
  if (field.is_regex === true && !isRegex(value)) return `not a valid regex: ${text(value)}`;
  if (field.between !== undefined) {
    const [least, most] = field.between;
    if (Number(value) < least || Number(value) > most) {
      return `value should be between ${Math.trunc(least)} and ${Math.trunc(most)}`;
    }
  }
  return undefined;
}

function lengthFailure(field: FieldMatch, value: unknown): string | undefined {
  if (field.len_eq !== undefined && sizeOf(value) !== field.len_eq) return `length must be ${field.len_eq}`;
  // An empty string is never accepted unless the table says so.
  const least = field.len_min ?? (typeof value === 'string' ? 1 : undefined);
  if (least !== undefined && sizeOf(value) < least) return `length must be at least ${least}`;
  if (field.len_max !== undefined && sizeOf(value) > field.len_max) {
    return `length must be at most ${field.len_max}`;
  }
  return undefined;
}

function textFailure(field: FieldMatch, value: unknown): string | undefined {
  const matches = (pattern: string): boolean => luaPattern(pattern).test(text(value));
  if (field.starts_with !== undefined && !text(value).startsWith(field.starts_with)) {
    return `should start with: ${field.starts_with}`;
  }
  for (const { pattern, err } of field.match_none ?? []) if (matches(pattern)) return err;
  if (field.match !== undefined && !matches(field.match)) return `invalid value: ${text(value)}`;
  for (const { pattern, err } of field.match_all ?? []) if (!matches(pattern)) return err;
  if (field.match_any !== undefined && !field.match_any.patterns.some(matches)) return field.match_any.err;
  return undefined;
}

function listFailure(field: FieldMatch, value: unknown): FieldError | undefined {
  if (field.contains !== undefined && Array.isArray(value) && !value.includes(field.contains)) {
    return `expected to contain: ${field.contains}`;
  }
  const failure = field.check?.(value);
  if (failure !== undefined) return failure;
  return field.mutually_exclusive_subsets !== undefined && Array.isArray(value)
    ? exclusiveSubsets(value, field.mutually_exclusive_subsets)
    : undefined;
}
