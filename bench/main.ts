import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { messageOf } from '../src/core/errors.ts';
import { benchBackup } from './backup.ts';
import { benchBringUp } from './bring-up/section.ts';
import { commandStart } from './command-start.ts';
import { benchLogging } from './logging.ts';
import { benchLogs } from './logs.ts';
import { benchRealStack } from './real-stack.ts';
import type { BenchRow } from './row.ts';
import { benchSeed } from './seed.ts';

/**
 * `make bench [ARGS="SECTION..."]`: runs the sections, prints their rows, and writes docs/benchmarks.md.
 * BENCH_BACKUP_MIB is the size of the database that is saved and restored.
 * BENCH_RUNS says how often the stack of 13 services comes up on each side.
 */
const SECTIONS: Readonly<Record<string, () => BenchRow[] | Promise<BenchRow[]>>> = {
  command: () => commandStart(),
  'bring-up': () => benchBringUp(Number(process.env.BENCH_RUNS ?? 3)),
  stack: benchRealStack,
  logs: benchLogs,
  seed: benchSeed,
  logging: benchLogging,
  backup: benchBackup,
};

/** The rows of each section's last run: a section can be run again alone. */
const KEPT = fileURLToPath(new URL('../.run/bench', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  process.stderr.write(`no section ${unknown.join(', ')}; there are: ${Object.keys(SECTIONS).join(', ')}\n`);
  process.exit(64);
}

for (const [name, run] of Object.entries(SECTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`bench: ${name}\n`);
  const rows = await rowsOf(name, run);
  process.stdout.write(`${table(rows)}\n`);
  await mkdir(KEPT, { recursive: true });
  const kept: KeptSection = { rows, day: new Date().toISOString().slice(0, 10) };
  await writeFile(join(KEPT, `${name}.json`), JSON.stringify(kept));
}
await writeFile(PAGE, await page(await keptSections()));

interface KeptSection {
  readonly rows: readonly BenchRow[];
  readonly day: string;
}

async function rowsOf(name: string, run: () => BenchRow[] | Promise<BenchRow[]>): Promise<BenchRow[]> {
  try {
    return await run();
  } catch (thrown) {
    // The others are worth running all the same, and the table says what is missing from it.
    process.exitCode = 1;
    const [reason = ''] = messageOf(thrown).split('\n');
    return [{ what: name, ours: 'not run', peer: '', ratio: null, goal: '', note: reason }];
  }
}

/** The last run of every section that ever ran in this clone, as text. */
async function keptSections(): Promise<string> {
  const parts = await Promise.all(
    Object.keys(SECTIONS).map(async (name) => {
      const text = await readFile(join(KEPT, `${name}.json`), 'utf8').catch(() => null);
      if (text === null) return `## ${name}\n\nNot run.`;
      const { rows, day } = JSON.parse(text) as KeptSection;
      return `## ${name}\n\nRun on ${day}.\n\n${table(rows)}`;
    }),
  );
  return parts.join('\n\n');
}

function table(found: readonly BenchRow[]): string {
  const lines = found.map(({ what, ours, peer, ratio, goal, note }) =>
    [what, ours, peer, ratio === null ? '' : ratio.toFixed(2), goal, note ?? ''].join(' | '),
  );
  return [
    '| what | apictl | beside | ratio | goal | how |',
    '|---|---|---|---|---|---|',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}

async function page(tables: string): Promise<string> {
  const version = async (...argv: readonly string[]) =>
    (await execa('docker', argv, { reject: false })).stdout;
  const processors = cpus();
  return `# Benchmarks

Written by \`make bench\`, which anyone can run again: each figure stands beside a peer's or a bare baseline's of the same run, and
the ratios are what can be compared between machines.

Machine: ${processors.length} processors (${processors[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GiB,
Node.js ${process.version}, Docker Engine ${await version('version', '--format', '{{.Server.Version}}')},
Compose ${await version('compose', 'version', '--short')}.

${tables}
`;
}
