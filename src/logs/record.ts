import type { Level } from './level.ts';

/** What a line says, whatever its format. */
export interface LogRecord {
  /** Null where the line says none. */
  readonly level: Level | null;
  readonly message: string;
  /** The id that the gateway gave the request, where the line has one. */
  readonly requestId: string | null;
  /** What else is worth reading, in the line's own order. */
  readonly fields: Readonly<Record<string, string>>;
  /** Lines of a stack trace that the line carries in one of its fields. */
  readonly stack: readonly string[];
  /** Whether the line goes on with what the line before it says, as PostgreSQL's DETAIL does. */
  readonly isContinuation: boolean;
}

/** Knows one format: a record, or null where the line is not of it. */
export type Recogniser = (text: string) => LogRecord | null;

export const record = (given: Partial<LogRecord> & Pick<LogRecord, 'message'>): LogRecord => ({
  level: null,
  requestId: null,
  fields: {},
  stack: [],
  isContinuation: false,
  ...given,
});
