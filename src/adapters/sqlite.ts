import type { Sqlite } from '../core/ports/sqlite.ts';

/** The Sqlite port over SQLite in WebAssembly, which needs no compiler; loaded at the first use. */
export const wasmSqlite: Sqlite = {
  edit: async (path, work) => {
    // CommonJS whose names Node.js does not see.
    const { default: sqlite } = await import('node-sqlite3-wasm');
    const database = new sqlite.Database(path, { fileMustExist: true });
    try {
      const [checked] = database.all('PRAGMA quick_check(1)');
      if (checked?.quick_check !== 'ok') throw new Error(`${path} is damaged: ${checked?.quick_check}`);
      database.exec('BEGIN IMMEDIATE');
      work({
        rows: (sql, values = []) => database.all(sql, [...values]),
        run: (sql, values = []) => void database.run(sql, [...values]),
      });
      database.exec('COMMIT');
    } finally {
      // Rolls back what is not committed.
      database.close();
    }
  },
};
