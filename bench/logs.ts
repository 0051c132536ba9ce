import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { median } from './median.ts';
import type { BenchRow } from './row.ts';

const PROGRAM = fileURLToPath(new URL('../bin/apictl.js', import.meta.url));
const LINES = 100_000;
/** Runs of each side, in turns, so that both meet the same machine. */
const RUNS = 15;

/** Writes its lines at once and ends. */
const TALKER = `
let said = '';
for (let i = 1; i <= ${LINES}; i += 1)
  said += JSON.stringify({ level: 'info', message: 'GET /api/v1/items/' + i + ' 200', request_id: 'r-' + i }) + '\\n';
process.stdout.write(said);
`;

/** `apictl logs` beside `docker compose logs`, on the same container that has written 100,000 JSON lines and ended. */
export async function benchLogs(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-bench-logs-'));
  const project = `bench-logs-${process.pid}`;
  const run = async (command: readonly string[]): Promise<void> => {
    const [file = '', ...words] = command;
    await execa(file, words, { cwd: folder, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' });
  };
  const compose = ['docker', 'compose', '-f', join(folder, 'compose.yaml'), '-p', project];
  const apictl = [process.execPath, PROGRAM, '--project', project, 'logs'];
  const talker = {
    image: await anyNodeImage(),
    entrypoint: ['node', '-e', TALKER.replaceAll('$', '$$$$')],
    network_mode: 'none',
  };
  try {
    await writeFile(join(folder, 'compose.yaml'), stringify({ services: { talker } }));
    await run([...compose, 'up', '--abort-on-container-exit']);
    const peer = [...compose, 'logs', '--no-color'];
    const bare = `Node.js itself starts and ends in ${seconds(await timeOf(run, [process.execPath, '-e', '0']))}`;
    const all = `logs: print ${LINES.toLocaleString('en')} lines`;
    return [
      {
        ...(await compared(run, all, apictl, peer, 'docker compose logs')),
        goal: 'at most 1.00',
        note: `with the time of each line, which compose leaves out; ${bare}`,
      },
      await compared(run, all, apictl, [...peer, '--timestamps'], 'docker compose logs --timestamps'),
      {
        ...(await compared(
          run,
          'logs: print the last 100 lines',
          [...apictl, '--tail', '100'],
          [...peer, '--tail', '100'],
          'docker compose logs',
        )),
        goal: 'at most 1.00',
        note: bare,
      },
      await alone(run, `logs: of ${LINES.toLocaleString('en')} lines those of a level`, [
        ...apictl,
        '--level',
        'warn',
      ]),
    ];
  } finally {
    await run([...compose, 'down', '--timeout', '0']);
    await rm(folder, { recursive: true });
  }
}

type RunCommand = (command: readonly string[]) => Promise<void>;

async function compared(
  run: RunCommand,
  what: string,
  ours: readonly string[],
  peers: readonly string[],
  peerName: string,
): Promise<BenchRow> {
  const times: { ours: number[]; peers: number[] } = { ours: [], peers: [] };
  for (let round = 0; round < RUNS; round += 1) {
    times.ours.push(await timed(run, ours));
    times.peers.push(await timed(run, peers));
  }
  const [our, peer] = [median(times.ours), median(times.peers)];
  return {
    what,
    ours: seconds(our),
    peer: `${seconds(peer)} (${peerName})`,
    ratio: our / peer,
    goal: '',
  };
}

/** What the peer cannot do. */
async function alone(run: RunCommand, what: string, ours: readonly string[]): Promise<BenchRow> {
  return {
    what,
    ours: seconds(await timeOf(run, ours)),
    peer: 'none',
    ratio: null,
    goal: '',
    note: 'docker compose logs knows no levels',
  };
}

async function timeOf(run: RunCommand, command: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < RUNS; round += 1) times.push(await timed(run, command));
  return median(times);
}

async function timed(run: RunCommand, command: readonly string[]): Promise<number> {
  const started = performance.now();
  await run(command);
  return performance.now() - started;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** The logging service's image: it has Node.js, and `images build` makes it where it is not there. */
async function anyNodeImage(): Promise<string> {
  await execa(process.execPath, [PROGRAM, 'images', 'build', '--images', 'embedded']);
  const listed = await execa('docker', [
    'image',
    'ls',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    'apictl/logging',
  ]);
  const [image] = listed.stdout.split('\n');
  if (image === undefined || image === '') throw new Error('there is no image apictl/logging');
  return image;
}
