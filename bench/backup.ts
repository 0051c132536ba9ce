import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { makeProject, type TestProject } from '../test/e2e/support/project.ts';
import type { BenchRow } from './row.ts';

/** Size of the table that is saved, in MiB of rows: random hexadecimal, of which about half is left when it is packed. */
const MIB = Number(process.env.BENCH_BACKUP_MIB ?? 1024);
const ROW_BYTES = 1024;

/**
 * A database with one large table: saved and restored by apictl, and by `pg_dump -Fc` and `pg_restore` alone in the same container.
 * apictl's times are those of its step on the database, which seals, hashes, and counts every row besides, and of the whole command.
 */
export async function benchBackup(): Promise<BenchRow[]> {
  const project = await makeProject('bench-backup');
  try {
    await project.configure({ profiles: ['core'] });
    await writeFile(join(project.root, 'passphrase'), 'a passphrase of the benchmark', { mode: 0o600 });
    await succeed(project, 'up', 'postgres', '--quiet');
    await fill(project);
    const dumped = join(project.root, 'alone.dump');
    const dumpAlone = await timed(() => dumpTo(project, dumped));
    const saved = await command(project, 'save database kong', 'backup', 'create');
    const { file, sizeBytes } = JSON.parse(saved.stdout) as { file: string; sizeBytes: number };
    const restoreAlone = await timed(() => restoreFrom(project, dumped));
    const dumpedBytes = (await stat(dumped)).size;
    await rm(dumped);
    const restored = await command(
      project,
      'restore database kong',
      'restore',
      file,
      '--replace',
      '--no-save',
    );
    const how = `${MIB} MiB of rows, ${mib(dumpedBytes)} as a dump, ${mib(sizeBytes)} as a backup`;
    return [
      row('save a database', saved.stepSeconds, dumpAlone, 'pg_dump -Fc', how),
      row('"backup create" as a whole', saved.seconds, dumpAlone, 'pg_dump -Fc'),
      row('restore a database', restored.stepSeconds, restoreAlone, 'pg_restore --single-transaction'),
      row('"restore" as a whole, until the stack serves', restored.seconds, restoreAlone, 'pg_restore alone'),
    ];
  } finally {
    await project.destroy();
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

const row = (what: string, ours: number, alone: number, peer: string, note?: string): BenchRow => ({
  what,
  ours: `${ours.toFixed(1)} s`,
  peer: `${alone.toFixed(1)} s (${peer})`,
  ratio: ours / alone,
  goal: '',
  ...(note === undefined ? {} : { note }),
});

const container = ({ name }: TestProject): string => `${name}-postgres-1`;

async function fill(project: TestProject): Promise<void> {
  const rows = Math.round((MIB * 1024 ** 2) / ROW_BYTES);
  const pieces = Array.from({ length: ROW_BYTES / 32 }, () => 'md5(random()::text)').join(' || ');
  const sql = `CREATE TABLE bench AS SELECT g AS id, ${pieces} AS text FROM generate_series(1, ${rows}) g`;
  await execa('docker', ['exec', container(project), 'psql', '-U', 'kong', '-c', sql]);
}

async function dumpTo(project: TestProject, path: string): Promise<void> {
  const dump = execa('docker', ['exec', container(project), 'pg_dump', '-U', 'kong', '-Fc', 'kong'], {
    buffer: false,
    encoding: 'buffer',
  });
  await Promise.all([dump, pipeline(dump.stdout, createWriteStream(path))]);
}

async function restoreFrom(project: TestProject, path: string): Promise<void> {
  await execa('docker', ['exec', container(project), 'createdb', '-U', 'kong', 'alone']);
  const words = ['pg_restore', '-U', 'kong', '-d', 'alone', '--exit-on-error', '--single-transaction'];
  await execa('docker', ['exec', '-i', container(project), ...words], { input: createReadStream(path) });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1_000;
}

async function succeed(project: TestProject, ...words: readonly string[]) {
  const finished = await project.apictl(...words);
  if (finished.exitCode !== 0) throw new Error(`apictl ${words.join(' ')} failed: ${finished.stderr}`);
  return finished;
}

/** A command with the time of one of its steps. */
async function command(project: TestProject, step: string, ...words: readonly string[]) {
  const startedMs = performance.now();
  const { stdout, stderr } = await succeed(project, ...words, '--passphrase-file', 'passphrase', '--json');
  const seconds = (performance.now() - startedMs) / 1_000;
  const events = stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event: string; step?: string; ms?: number });
  const done = events.find((event) => event.event === 'step.done' && event.step === step);
  if (done?.ms === undefined) throw new Error(`apictl ${words.join(' ')} told no step "${step}"`);
  return { stdout, seconds, stepSeconds: done.ms / 1_000 };
}
