import {
  type AdminError,
  primaryKeyViolation,
  uniqueViolation,
  unknownParent,
} from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { constraintError } from './database.ts';

const UNIQUE = '23505';
const FOREIGN_KEY = '23503';

const pick = (entity: PlainRecord, names: readonly string[]): PlainRecord =>
  Object.fromEntries(names.map((name) => [name, entity[name] ?? null]));

/** The fields behind a constraint, by the naming rule of the migrations: `<table>_<fields>_key`. */
function uniqueFields(schema: EntitySchema, constraint: string): readonly string[] {
  const together = (schema.uniqueTogether ?? []).find(
    (names) => constraint === `${schema.name}_${names.join('_')}_key`,
  );
  return together ?? [constraint.slice(schema.name.length + 1, -'_key'.length)];
}

/** The Admin API's error for a write that broke a rule of the database; undefined when the failure is another. */
export function writeViolation(
  schema: EntitySchema,
  entity: PlainRecord,
  error: unknown,
): AdminError | undefined {
  const broken = constraintError(error);
  if (broken?.code === UNIQUE) {
    if (broken.constraint === `${schema.name}_pkey`) return primaryKeyViolation(pick(entity, ['id']));
    return uniqueViolation(pick(entity, uniqueFields(schema, broken.constraint)));
  }
  if (broken?.code !== FOREIGN_KEY) return undefined;
  const field = broken.constraint.slice(schema.name.length + 1, -'_fkey'.length);
  return unknownParent(field, entity[field], schema.fields[field]?.reference ?? field);
}

/** The name of the entities that keep another from being deleted; undefined when the failure is another. */
export function referencingEntity(error: unknown): string | undefined {
  const broken = constraintError(error);
  return broken?.code === FOREIGN_KEY ? broken.table : undefined;
}
