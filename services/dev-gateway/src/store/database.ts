/** The port to PostgreSQL; values are passed as parameters, never inside of the text. */

export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

export interface Queryable {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
}

export interface NotificationHandlers {
  onNotification(payload: string): void;
  /** The connection was lost and is back; notifications in between are lost. */
  onReconnect(): void;
}

export interface Database extends Queryable {
  /** Runs the work on one connection inside a transaction; rolls back when it throws. */
  transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result>;
  /** Follows a channel until the returned function is called; reconnects by itself. */
  listen(channel: string, handlers: NotificationHandlers): Promise<() => Promise<void>>;
  /** Resolves when the database answers now, found out within a short time; rejects with the reason why it does not. */
  reach(): Promise<void>;
  close(): Promise<void>;
}

/** The parts of an error from PostgreSQL that tell which rule was broken. */
export interface ConstraintError {
  readonly code: string;
  readonly constraint: string;
  readonly table: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** SQLSTATE: no such role or no entry for it, a wrong password, no such database. Asking again does not help. */
const REFUSALS = ['28000', '28P01', '3D000'];

/** What PostgreSQL says when it answers and lets this client in under no circumstances; undefined for any other failure. */
export function refusal(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message } = error as Record<string, unknown>;
  return REFUSALS.includes(text(code)) ? text(message) : undefined;
}

/** Reads a broken constraint (SQLSTATE class 23) out of a driver's error; undefined when it is anything else. */
export function constraintError(error: unknown): ConstraintError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, constraint, table } = error as Record<string, unknown>;
  if (!text(code).startsWith('23')) return undefined;
  return { code: text(code), constraint: text(constraint), table: text(table) };
}

/**
 * What PostgreSQL says about a value that it cannot keep, such as a NUL character or a name that is too long for an
 * index (SQLSTATE classes 22 and 54); undefined when the failure is another.
 */
export function valueProblem(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message } = error as Record<string, unknown>;
  return /^(?:22|54)/.test(text(code)) ? text(message) : undefined;
}
