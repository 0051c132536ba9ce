import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import sqlite from 'node-sqlite3-wasm';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TREES } from '../../../src/backup/saved-trees.ts';
import { entriesOfFolder, packTree, unpackTree } from '../../../src/backup/tree.ts';
import { collected } from '../../support/backup-archive.ts';
import { PATIENCE } from '../../support/patience.ts';

/**
 * Intent: a folder with an SQLite database, as Grafana's, that is copied while its container is held still comes back whole. Here a
 * process is held still in the same way, at moments that nobody has chosen, and what SQLite makes of the copy is what counts.
 */

const spec = TREES.find(({ service }) => service === 'grafana') ?? expect.fail('Grafana is not saved');
/** The library's own lock, which another program's SQLite does not leave on the disk. */
const LOCK = 'grafana.db.lock';
const JOURNAL = 'grafana.db-journal';

let folder: string;
let writer: ChildProcessByStdio<null, Readable, null>;
let lines: AsyncIterator<string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-held-'));
  await mkdir(join(folder, 'grafana'));
  const program = join(import.meta.dirname, '../../support/sqlite-writer.ts');
  writer = spawn(process.execPath, ['--import', 'tsx', program, join(folder, 'grafana', 'grafana.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
  await lines.next();
});

afterAll(async () => {
  const ended = once(writer, 'close');
  writer.kill('SIGKILL');
  await ended;
  await rm(folder, { recursive: true, force: true });
});

/** Holds the writer still while its folder is read, as `backup create` does with a container; answers what a restore unpacks. */
async function copiedWhileHeld(): Promise<ReadonlyMap<string, Buffer>> {
  writer.kill('SIGSTOP');
  try {
    await vi.waitFor(async () => {
      const stat = await readFile(`/proc/${writer.pid}/stat`, 'utf8');
      expect(stat.split(') ')[1]?.[0]).toBe('T');
    }, PATIENCE);
    const tar = pack();
    for (const name of (await readdir(join(folder, 'grafana'))).filter((name) => name !== LOCK))
      tar.entry({ name: `grafana/${name}` }, await readFile(join(folder, 'grafana', name)));
    tar.finalize();
    const packed = packTree(entriesOfFolder(Readable.from(tar, { objectMode: false }), () => {}));
    const bytes = await collected(packed.bytes as AsyncIterable<Buffer>);
    const found = new Map<string, Buffer>();
    for await (const { path, content } of unpackTree(Readable.from([bytes]), 'grafana', '/b', packed.size()))
      if (spec.keeps(path)) found.set(path, await collected(content));
    return found;
  } finally {
    writer.kill('SIGCONT');
  }
}

/** What SQLite finds in a copy: the sum of the accounts, what is in the right one, and how many moves there were. */
async function lookInto(copy: ReadonlyMap<string, Buffer>) {
  const restored = await mkdtemp(join(folder, 'restored-'));
  for (const [path, content] of copy) await writeFile(join(restored, path), content);
  const database = new sqlite.Database(join(restored, 'grafana.db'));
  try {
    const sound = database.get('PRAGMA integrity_check');
    const accounts = database
      .all('SELECT amount FROM account ORDER BY name')
      .map(({ amount }) => Number(amount));
    const moves = Number(database.get('SELECT count(*) AS count FROM move')?.count);
    return {
      sound: sound?.integrity_check,
      sum: (accounts[0] ?? 0) + (accounts[1] ?? 0),
      right: accounts[1],
      moves,
    };
  } finally {
    database.close();
  }
}

it.skipIf(process.platform !== 'linux')(
  'the database of a folder that is held still comes back whole, in the middle of a transaction too',
  async () => {
    let inTheMiddle = 0;
    for (let turn = 0; turn < 100 && (turn < 10 || inTheMiddle < 3); turn += 1) {
      const written = Number((await lines.next()).value);
      const copy = await copiedWhileHeld();
      const { sound, sum, right, moves } = await lookInto(copy);
      expect([turn, sound, sum]).toEqual([turn, 'ok', 1_000_000]);
      expect(right).toBe(moves);
      expect(moves).toBeGreaterThanOrEqual(written);
      if ((copy.get(JOURNAL)?.length ?? 0) > 0) inTheMiddle += 1;
    }
    expect(inTheMiddle).toBeGreaterThanOrEqual(3);
  },
);
