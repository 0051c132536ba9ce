/** Errors of the Admin API, with the status and the body that Kong answers. */
import type { FieldErrors, PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { compactTable, prettyTable } from '../schema/pretty.ts';

export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly status: number;
  readonly body: PlainRecord;

  constructor(status: number, body: PlainRecord) {
    super(String(body.message ?? body.name));
    this.status = status;
    this.body = body;
  }
}

export const notFound = (): AdminError => new AdminError(404, { message: 'Not found' });
export const methodNotAllowed = (): AdminError => new AdminError(405, { message: 'Method not allowed' });
export const badRequest = (message: string): AdminError => new AdminError(400, { message });
/** What went wrong inside stays inside; the log has it. */
export const unexpected = (): AdminError => new AdminError(500, { message: 'An unexpected error occurred' });

const violationTexts = (name: string, error: unknown): string[] => {
  if (!isPlainRecord(error) && !Array.isArray(error)) return [`${name}: ${error}`];
  const entries = Array.isArray(error)
    ? error.flatMap((item, position) => (item === null ? [] : [[String(position + 1), item] as const]))
    : Object.entries(error).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(
    ([key, item]) => `${name}.${key}: ${typeof item === 'string' ? item : prettyTable(item)}`,
  );
};

/** The one sentence for all errors of an entity: those of rules across fields first, then by field name. */
export function violationMessage(errors: FieldErrors): string {
  const { '@entity': entityErrors, ...fields } = errors;
  const texts = [
    ...(Array.isArray(entityErrors) ? entityErrors.map(String) : []),
    ...Object.keys(fields)
      .sort()
      .flatMap((name) => violationTexts(name, fields[name])),
  ];
  const start = texts.length === 1 ? 'schema violation' : `${texts.length} schema violations`;
  return `${start} (${texts.join('; ')})`;
}

export const schemaViolation = (errors: FieldErrors): AdminError =>
  new AdminError(400, {
    code: 2,
    name: 'schema violation',
    message: violationMessage(errors),
    fields: errors,
  });

export const primaryKeyViolation = (key: PlainRecord): AdminError =>
  new AdminError(400, {
    code: 3,
    name: 'primary key violation',
    message: `primary key violation on key '${compactTable(key)}'`,
    fields: key,
  });

/** A key in a path that can be no identifier, of an entity that has no name. */
export const invalidPrimaryKey = (errors: FieldErrors): AdminError =>
  new AdminError(400, {
    code: 1,
    name: 'invalid primary key',
    message: `invalid primary key: '${compactTable(errors)}'`,
    fields: errors,
  });

/** A name in a path or a query that no entity can have. */
export const invalidUnique = (field: string, message: string): AdminError =>
  new AdminError(400, { code: 10, name: `invalid unique ${field}`, message });

/** The parent that an entity refers to does not exist. */
export const unknownParent = (field: string, reference: unknown, parent: string): AdminError =>
  new AdminError(400, {
    code: 4,
    name: 'foreign key violation',
    message: `the foreign key '${compactTable(reference)}' does not reference an existing '${parent}' entity.`,
    fields: { [field]: reference },
  });

/** An entity cannot go while others refer to it. */
export const stillReferenced = (parent: string, child: string): AdminError =>
  new AdminError(400, {
    code: 4,
    name: 'foreign key violation',
    message: `an existing '${child}' entity references this '${parent}' entity`,
    fields: { '@referenced_by': child },
  });

export const uniqueViolation = (key: PlainRecord): AdminError =>
  new AdminError(409, {
    code: 5,
    name: 'unique constraint violation',
    message: `UNIQUE violation detected on '${compactTable(key)}'`,
    fields: key,
  });

/** A change to an entity that is not there; reading one answers the short `Not found`. */
export function missingEntity(key: PlainRecord): AdminError {
  const isPrimary = key.id !== undefined;
  return new AdminError(404, {
    code: 6,
    name: 'not found',
    message: `could not find the entity with ${isPrimary ? 'primary key ' : ''}'${compactTable(key)}'`,
    fields: key,
  });
}

export const invalidOffset = (offset: string, problem: string): AdminError =>
  new AdminError(400, {
    code: 7,
    name: 'invalid offset',
    message: `'${offset}' is not a valid offset: ${problem}`,
  });

export const invalidSize = (message: string): AdminError =>
  new AdminError(400, { code: 9, name: 'invalid size', message });

export const invalidOption = (option: string, problem: string): AdminError =>
  new AdminError(400, {
    code: 11,
    name: 'invalid options',
    message: `invalid option (${option}: ${problem})`,
    options: { [option]: problem },
  });

/** A parent that was named by something else than its identifier could not be found. */
export function unresolvedParent(field: string, key: string, value: unknown, parent: string): AdminError {
  const problem = `the foreign key cannot be resolved with '${compactTable({ [key]: value })}' for an existing '${parent}' entity`;
  return new AdminError(400, {
    code: 13,
    name: 'foreign keys unresolved',
    message: `foreign key unresolved (${field}.${key}: ${problem})`,
    fields: { [field]: { [key]: problem } },
  });
}
