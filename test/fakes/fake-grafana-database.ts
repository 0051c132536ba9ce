import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite, { type Database } from 'node-sqlite3-wasm';
import type { Files } from '../../src/core/ports/files.ts';
import type { Sqlite } from '../../src/core/ports/sqlite.ts';
import { Secret } from '../../src/core/secret.ts';
import type { GrafanaDatabase } from '../../src/secrets/doors/grafana-keys.ts';
import { unwrapDataKey, wrapDataKey } from '../../src/secrets/doors/grafana-wrap.ts';

type DataKeys = Readonly<Record<string, Uint8Array>>;

/** Name -> the data key, encrypted with a secret key. */
const wrapped = (dataKeys: DataKeys, secretKey: string): DataKeys => {
  const random = { bytes: (count: number) => randomBytes(count) };
  return Object.fromEntries(
    Object.entries(dataKeys).map(([name, value]) => [
      name,
      wrapDataKey(value, new Secret(secretKey), random),
    ]),
  );
};

/** Reads the data keys, encrypted as they are, out of a database file. */
type Look = (bytes: Buffer) => Promise<DataKeys>;

/** Grafana's database file as SQLite itself makes it, with data keys that are encrypted with a secret key. */
export async function grafanaDatabaseFile(
  dataKeys: DataKeys,
  secretKey: string,
  provider = 'secretKey.v1',
): Promise<Buffer> {
  return edited(null, (database) => {
    database.exec(
      'CREATE TABLE data_keys (name TEXT PRIMARY KEY, active INTEGER, scope TEXT, provider TEXT, encrypted_data BLOB)',
    );
    for (const [name, value] of Object.entries(wrapped(dataKeys, secretKey)))
      database.run('INSERT INTO data_keys VALUES (?, 1, ?, ?, ?)', [name, 'root', provider, value]);
    database.exec('CREATE TABLE dashboard (title TEXT)');
    database.run('INSERT INTO dashboard VALUES (?)', ['Overview']);
  });
}

/** What SQLite reads in such a file. @throws what it says of a file that is damaged */
export const lookWithSqlite: Look = async (bytes) => {
  const found: Record<string, Uint8Array> = {};
  await edited(bytes, (database) => {
    for (const { name, encrypted_data: value } of database.all('SELECT * FROM data_keys ORDER BY name'))
      found[String(name)] = value as Uint8Array;
    if (database.all('SELECT title FROM dashboard').length !== 1) throw new Error('the dashboard is lost');
  });
  return found;
};

/** Works on a database file in a folder of its own; answers what it is then. */
async function edited(bytes: Buffer | null, work: (database: Database) => void): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-grafana-'));
  try {
    const path = join(folder, 'grafana.db');
    if (bytes !== null) await writeFile(path, bytes);
    const database = new sqlite.Database(path);
    try {
      work(database);
    } finally {
      database.close();
    }
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same without a disk, for a test of many runs: a file of JSON stands for the database, and half of it is no JSON. */
export const jsonDatabaseFile = (dataKeys: DataKeys, secretKey: string): Buffer =>
  Buffer.from(
    JSON.stringify(
      Object.entries(wrapped(dataKeys, secretKey)).map(([name, value]) => [
        name,
        Buffer.from(value).toString('hex'),
      ]),
    ),
  );

const jsonRows = (bytes: Uint8Array | null): Map<string, Buffer> =>
  new Map(
    (JSON.parse(String(bytes)) as [string, string][]).map(([name, hex]) => [name, Buffer.from(hex, 'hex')]),
  );

export const lookIntoJson: Look = async (bytes) => Object.fromEntries(jsonRows(bytes));

/** SQLite for such files, as far as the rotation asks it. */
export const jsonSqlite = (files: Files): Sqlite => ({
  edit: async (path, work) => {
    const rows = jsonRows(await files.read(path));
    work({
      rows: () =>
        [...rows].map(([name, value]) => ({ name, provider: 'secretKey.v1', encrypted_data: value })),
      run: (_sql, [value, name] = []) => void rows.set(String(name), Buffer.from(value as Uint8Array)),
    });
    const text = [...rows].map(([name, value]) => [name, value.toString('hex')]);
    await files.write(path, JSON.stringify(text));
  },
});

/**
 * A Grafana with such a database. A start with another secret key than its data keys are encrypted with spoils it, without a word, as it does
 * with the real one: what it decrypts is rubbish.
 */
export class FakeGrafana implements GrafanaDatabase {
  bytes: Buffer;
  isRunning = true;
  /** The secret key of its container. */
  key: string;
  readonly wrongStarts: string[] = [];
  readonly #dataKeys: DataKeys;
  readonly #look: Look;

  constructor(bytes: Buffer, key: string, dataKeys: DataKeys, look: Look) {
    this.bytes = bytes;
    this.key = key;
    this.#dataKeys = dataKeys;
    this.#look = look;
  }

  /** The names of the data keys that a secret key opens. */
  async opened(key: string): Promise<readonly string[]> {
    const found = Object.entries(await this.#look(this.bytes));
    const isOpened = ([name, value]: [string, Uint8Array]): boolean =>
      unwrapDataKey(value, new Secret(key)).equals(this.#dataKeys[name] ?? Buffer.alloc(0));
    return found.filter(isOpened).map(([name]) => name);
  }

  async start(): Promise<void> {
    this.isRunning = true;
    const opened = await this.opened(this.key).catch(() => []);
    if (opened.length < Object.keys(this.#dataKeys).length) this.wrongStarts.push(this.key);
  }

  async stop(): Promise<void> {
    this.isRunning = false;
  }

  async read(): Promise<Buffer> {
    if (this.isRunning) throw new Error('read while it is written to');
    return this.bytes;
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.isRunning) throw new Error('written under a running Grafana');
    this.bytes = bytes;
  }

  /** Half of what is written has arrived. */
  tear(bytes: Buffer): void {
    this.bytes = bytes.subarray(0, bytes.length / 2);
  }
}
