import { MemoryTables, type RowsByEntity } from './memory-tables.ts';
import type { Storage, Tables } from './tables.ts';

/** The entities in this process: gone with it, and seen by no other. */
export class MemoryStorage implements Storage {
  readonly description = { database: 'memory' };
  #rows: RowsByEntity = new Map();
  #lastWrite: Promise<unknown> = Promise.resolve();

  read<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> {
    return work(new MemoryTables(this.#rows));
  }

  readTogether<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> {
    return this.read(work);
  }

  /** Writes take turns; each works on copies of what it touches, which become the truth when it succeeds. */
  write<Result>(_entities: readonly string[], work: (tables: Tables) => Promise<Result>): Promise<Result> {
    const write = this.#lastWrite.then(async () => {
      const tables = new MemoryTables(this.#rows);
      const result = await work(tables);
      this.#rows = tables.rows;
      return result;
    });
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  follow(): Promise<() => Promise<void>> {
    return Promise.resolve(() => Promise.resolve());
  }

  isReachable(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
