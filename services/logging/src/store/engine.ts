/** Opens the embedded database, confined to its own directory. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { syncDirectory } from '../buffer/segment-files.ts';
import { isCorrupt, isLockConflict, StoreLockedError } from './errors.ts';

export interface EngineOptions {
  readonly dataDir: string;
  readonly memoryBytes: number;
  readonly threads: number;
}

export interface Engine {
  readonly connect: () => Promise<DuckDBConnection>;
  readonly close: () => void;
  /** Where an unreadable earlier store was put, if there was one. */
  readonly setAside: string | undefined;
}

/** Name of the database inside the data directory. */
export const FILE = 'store.duckdb';

// Small row groups: a partly filled one is rewritten at each checkpoint and held in memory while it is compressed.
const ROW_GROUP_ROWS = 16_384;

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function attach(
  options: EngineOptions,
): Promise<{ instance: DuckDBInstance; first: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryBytes}B`,
    threads: String(options.threads),
    temp_directory: join(options.dataDir, 'tmp'),
    // JSON functions and the rest are built in; nothing is ever fetched.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    checkpoint_threshold: '16MB',
    preserve_insertion_order: 'false',
  });
  try {
    const first = await instance.connect();
    await first.run(
      `ATTACH ${quoted(join(options.dataDir, FILE))} AS store (ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
    );
    await first.run('USE store');
    // From here on no statement can reach another file, and nobody can take that back.
    await first.run('SET enable_external_access = false');
    await first.run('SET lock_configuration = true');
    return { instance, first };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

async function moveAside(dataDir: string): Promise<string> {
  const suffix = `.unreadable-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  for (const name of [FILE, `${FILE}.wal`]) {
    await rename(join(dataDir, name), join(dataDir, name + suffix)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await syncDirectory(dataDir);
  return join(dataDir, FILE + suffix);
}

/**
 * Opens the store of a data directory. A file that is no readable database is moved aside and a new one begun: what
 * the buffer and the followed files still hold is stored again.
 * @throws StoreLockedError when another process has it
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.dataDir, { recursive: true });
  await rm(join(options.dataDir, 'tmp'), { recursive: true, force: true });
  let setAside: string | undefined;
  let opened: Awaited<ReturnType<typeof attach>>;
  try {
    opened = await attach(options);
  } catch (error) {
    if (isLockConflict(error)) throw new StoreLockedError(join(options.dataDir, FILE), error);
    if (!isCorrupt(error)) throw error;
    setAside = await moveAside(options.dataDir);
    opened = await attach(options);
  }
  const { instance, first } = opened;
  return {
    setAside,
    connect: async () => {
      const connection = await instance.connect();
      await connection.run('USE store');
      return connection;
    },
    close: () => {
      first.closeSync();
      instance.closeSync();
    },
  };
}
