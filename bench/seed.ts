import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../src/adapters/clock.ts';
import { createHttp } from '../src/adapters/http.ts';
import type { Http } from '../src/core/ports/http.ts';
import { LEVELS } from '../src/kong/model/kinds.ts';
import { revealed } from '../src/kong/model/value.ts';
import { applySeed, type SeedInput, seedPlan } from '../src/kong/seed.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { median } from './median.ts';
import type { BenchRow } from './row.ts';
import { declaredState } from './seed-state.ts';

const run = promisify(execFile);
const APICTL = fileURLToPath(new URL('../bin/apictl.js', import.meta.url));
const BARE_CLIENT = fileURLToPath(new URL('bare-client.mjs', import.meta.url));
const ROUNDS = 3;
const PROJECT = 'bench';

interface Counted {
  readonly reads: number;
  readonly writes: number;
  /** How often requests had to wait for the answers of earlier ones. */
  readonly rounds: number;
}

interface Bench {
  readonly folder: string;
  readonly first: string;
  readonly changed: string;
  readonly writes: string;
}

/**
 * Seeds 100 services, 1,000 routes, 300 plugins and 100 consumers with keys onto an empty development gateway, then the same again, then
 * ten changes; each as the whole process, beside a bare client that sends the same writes and nothing else. Times are medians of three
 * runs on gateways of their own; requests are counted in a run that is not timed.
 */
export async function benchSeed(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-bench-seed-'));
  try {
    const bench = await prepare(folder);
    // Kong's schemas are kept after the first run in a folder; the bench is about the writes, so that each run starts with none.
    const times: { first: number; bare: number; again: number; ten: number }[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      await rm(join(folder, '.apictl'), { recursive: true, force: true });
      const bare = await onEmptyGateway((gateway) =>
        timed(BARE_CLIENT, folder, gateway.adminUrl, bench.writes),
      );
      const ours = await onEmptyGateway(async (gateway) => {
        const seed = (file: string) => timed(APICTL, folder, ...seedWords(gateway.adminUrl, file));
        return {
          first: await seed(bench.first),
          again: await seed(bench.first),
          ten: await seed(bench.changed),
        };
      });
      times.push({ bare, ...ours });
    }
    const counts = await onEmptyGateway(counted);
    return rowsOf(times, counts, await entityCount(bench));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function prepare(folder: string): Promise<Bench> {
  await mkdir(join(folder, 'kong'));
  const bench = {
    folder,
    first: join(folder, 'first.yaml'),
    changed: join(folder, 'changed.yaml'),
    writes: join(folder, 'writes.json'),
  };
  await writeFile(bench.first, declaredState(false));
  await writeFile(bench.changed, declaredState(true));
  await onEmptyGateway(async ({ adminUrl }) => {
    await writeFile(bench.writes, JSON.stringify(await writesOf(adminUrl)));
  });
  return bench;
}

const inputOf = (http: Http, adminUrl: string, text: string): SeedInput => ({
  http,
  clock: systemClock,
  admin: { url: adminUrl },
  files: [{ path: 'bench.yaml', text }],
  project: PROJECT,
  placeholders: { environment: {}, secret: async () => undefined },
});

/** The writes of a first run, by level, as the bare client sends them. */
async function writesOf(adminUrl: string): Promise<readonly (readonly object[])[]> {
  const http = createHttp();
  try {
    const plan = await seedPlan(inputOf(http, adminUrl, declaredState(false)));
    return LEVELS.map((kinds) =>
      plan.changes
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ write: { method, path, body } }) => ({ method, path, body: revealed(body ?? null) })),
    );
  } finally {
    await http.close();
  }
}

const entityCount = async ({ writes }: Bench): Promise<number> =>
  (JSON.parse(await readFile(writes, 'utf8')) as unknown[][]).flat().length;

async function onEmptyGateway<T>(work: (gateway: GatewayProcess) => Promise<T>): Promise<T> {
  const gateway = await startGatewayProcess();
  try {
    return await work(gateway);
  } finally {
    await gateway.stop();
  }
}

const seedWords = (adminUrl: string, file: string): readonly string[] => [
  'seed',
  '--project',
  PROJECT,
  '--file',
  file,
  '--admin-url',
  adminUrl,
  '--json',
  '--quiet',
];

/** Milliseconds from the start of the process to its end. */
async function timed(program: string, folder: string, ...words: readonly string[]): Promise<number> {
  const started = performance.now();
  await run(process.execPath, [program, ...words], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return performance.now() - started;
}

/** The same three runs in this process, where every request can be seen as it is sent. */
async function counted({ adminUrl }: GatewayProcess) {
  const adapter = createHttp();
  const schemas = new Map<string, string>();
  const schemaCache = {
    read: async (name: string) => schemas.get(name) ?? null,
    write: async (name: string, text: string) => void schemas.set(name, text),
  };
  const count = async (text: string): Promise<Counted> => {
    const { http, counts } = countingHttp(adapter);
    const input = { ...inputOf(http, adminUrl, text), schemaCache };
    await applySeed({ ...input, plan: await seedPlan(input), emit: () => {} });
    return counts();
  };
  try {
    return {
      first: await count(declaredState(false)),
      again: await count(declaredState(false)),
      ten: await count(declaredState(true)),
    };
  } finally {
    await adapter.close();
  }
}

/** A round begins with a request that is sent when every earlier one is answered. */
function countingHttp(http: Http): { http: Http; counts: () => Counted } {
  let [open, rounds, writes, reads] = [0, 0, 0, 0];
  return {
    counts: () => ({ rounds, writes, reads }),
    http: {
      request: async (request) => {
        if (open === 0) rounds += 1;
        if (request.method === 'GET' || request.url.includes('/schemas/')) reads += 1;
        else writes += 1;
        open += 1;
        try {
          return await http.request(request);
        } finally {
          open -= 1;
        }
      },
    },
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const requests = ({ writes, reads, rounds }: Counted): string =>
  `${writes} writes, ${reads} reads, rounds: ${rounds}`;

function rowsOf(
  times: readonly { first: number; bare: number; again: number; ten: number }[],
  counts: { first: Counted; again: Counted; ten: Counted },
  entities: number,
): BenchRow[] {
  const of = (name: 'first' | 'bare' | 'again' | 'ten') => median(times.map((time) => time[name]));
  const none = { peer: '', ratio: null } as const;
  return [
    {
      what: `seed of ${entities} entities onto an empty gateway, whole process`,
      ours: seconds(of('first')),
      peer: `${seconds(of('bare'))} (bare client, the same writes 20 at a time)`,
      ratio: of('first') / of('bare'),
      goal: 'at most 1.25 of the bare client',
    },
    {
      what: 'its requests',
      ours: `${counts.first.writes} writes, ${counts.first.reads} reads and validations`,
      peer: `${entities} writes (bare client)`,
      ratio: (counts.first.writes + counts.first.reads) / entities,
      goal: 'one write for each entity',
    },
    { what: 'the same again, whole process', ours: seconds(of('again')), ...none, goal: 'under 0.70 s' },
    { what: 'its requests', ours: requests(counts.again), ...none, goal: 'no write, at most 2 rounds' },
    {
      what: 'ten changes among them, whole process',
      ours: seconds(of('ten')),
      ...none,
      goal: 'no change and ten writes',
    },
    { what: 'its requests', ours: requests(counts.ten), ...none, goal: '10 writes' },
  ];
}
