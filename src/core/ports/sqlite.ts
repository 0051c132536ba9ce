/** A value of SQLite, without numbers that JavaScript cannot hold. */
export type SqliteValue = number | string | Uint8Array | null;

/** A database that is open. */
export interface SqliteDatabase {
  rows(sql: string, values?: readonly SqliteValue[]): readonly Readonly<Record<string, unknown>>[];
  run(sql: string, values?: readonly SqliteValue[]): void;
}

/** Database files of SQLite on this machine that nobody else has open. */
export interface Sqlite {
  /** Does the work in one transaction: all of it, or where it throws nothing. Throws what SQLite says of a damaged file. */
  edit(path: string, work: (database: SqliteDatabase) => void): Promise<void>;
}
