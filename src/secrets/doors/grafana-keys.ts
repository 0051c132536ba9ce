import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { Files } from '../../core/ports/files.ts';
import type { Random } from '../../core/ports/random.ts';
import type { Sqlite, SqliteDatabase } from '../../core/ports/sqlite.ts';
import type { Secret } from '../../core/secret.ts';
import type { Door } from '../door.ts';
import { unwrapDataKey, wrapDataKey } from './grafana-wrap.ts';
import { presentValue } from './present.ts';

/** Grafana's container and the database file in it. */
export interface GrafanaDatabase {
  /** Stopping what is stopped is fine. */
  stop(): Promise<void>;
  /** As the rest of the stack runs: of one that is stopped nothing is started. */
  start(): Promise<void>;
  /** Of a Grafana that is stopped. @throws ApictlError where the file is not all there is, as after a kill */
  read(): Promise<Buffer>;
  write(bytes: Buffer): Promise<void>;
}

export interface GrafanaKeysAccess {
  readonly outside: { readonly files: Files; readonly sqlite: Sqlite; readonly random: Random };
  /** Null where there is no container; then there is no data either, or the rotation waits for one. */
  readonly database: GrafanaDatabase | null;
  /** Where copies lie until the rotation is over. */
  readonly folder: string;
}

const COPY = /^grafana-[0-9a-f]{12}\.db/;
/** The one that encrypts with the secret key itself; Grafana OSS has no other. */
const PROVIDER = 'secretKey.v1';

/**
 * Everything that Grafana keeps secret is encrypted with data keys, and these with the secret key. While Grafana stands still, its data
 * keys are encrypted with the next secret key instead; what they encrypt stays as it is. The whole database is kept as it was until the
 * end: neither half a file nor a data key says by itself which secret key it is for.
 */
export function grafanaKeysDoor({ outside, database, folder }: GrafanaKeysAccess): Door {
  const copyFor = (next: Secret): string =>
    join(folder, `grafana-${createHash('sha256').update(next.reveal()).digest('hex').slice(0, 12)}.db`);

  const keep = async (path: string, grafana: GrafanaDatabase): Promise<Buffer> => {
    const kept = await outside.files.read(path);
    if (kept !== null) return kept;
    const bytes = await grafana.read();
    await outside.files.write(path, bytes, 0o600);
    return bytes;
  };

  const forget = async (): Promise<void> => {
    const copies = (await outside.files.list(folder)).filter((name) => COPY.test(name));
    for (const name of copies) await outside.files.remove(join(folder, name));
  };

  return {
    holding: {
      admit: async (current, next) => {
        if (database === null) return;
        const present = presentValue('grafana-secret-key', current);
        await database.stop();
        const kept = copyFor(next);
        const before = await keep(kept, database);
        const edited = `${kept}-next`;
        await outside.files.write(edited, before, 0o600);
        await outside.sqlite.edit(edited, (open) => encryptAnew(open, present, next, outside.random));
        const after = await outside.files.read(edited);
        if (after === null) throw new Error(`${edited} is gone`);
        await database.write(after);
      },
      retire: forget,
      undo: async (_current, next) => {
        if (database === null) return;
        const before = await outside.files.read(copyFor(next));
        if (before !== null) await database.write(before);
        await database.start();
        await forget();
      },
    },
  };
}

/** @throws ApictlError SECRET_DOOR_FAILED (4) naming the data key that cannot be encrypted anew */
function encryptAnew(database: SqliteDatabase, current: Secret, next: Secret, random: Random): void {
  const rows = database.rows('SELECT name, provider, encrypted_data FROM data_keys');
  for (const { name, provider, encrypted_data: wrapped } of rows) {
    if (typeof name !== 'string' || !(wrapped instanceof Uint8Array))
      throw unusable('a data key has no value');
    if (provider !== PROVIDER)
      throw unusable(`data key ${name} is encrypted by ${provider}, not by the secret key`);
    const dataKey = unwrap(name, wrapped, current);
    database.run('UPDATE data_keys SET encrypted_data = ? WHERE name = ?', [
      wrapDataKey(dataKey, next, random),
      name,
    ]);
  }
}

function unwrap(name: string, wrapped: Uint8Array, current: Secret): Buffer {
  try {
    return unwrapDataKey(wrapped, current);
  } catch (thrown) {
    throw unusable(`data key ${name}: ${messageOf(thrown)}`);
  }
}

const unusable = (message: string): ApictlError =>
  new ApictlError({
    code: 'SECRET_DOOR_FAILED',
    exitCode: EXIT.unhealthy,
    message: `Grafana’s database cannot be encrypted anew: ${message}`,
    object: 'service grafana',
    hint: 'Nothing of it was changed.',
  });
