/**
 * Compares the gateway with a bare proxy of Node's own `http`, in turns within one run, so that whatever else the machine
 * does falls on both. `node --import tsx services/dev-gateway/bench/proxy.ts [SECONDS] [CONNECTIONS]`
 *
 * Requests per second depend on who else wants the processor; requests per second of the process's own CPU time do not,
 * and say what it would carry with one core to itself.
 */
import { Pool } from 'undici';
import { type BenchProcess, bundleWorker, startProcess } from './processes.ts';

const ROUNDS = 3;
const WARM_UP_MS = 1_500;

interface Measured {
  readonly requestsPerSecond: number;
  readonly requestsPerCpuSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const load = async (port: number, durationMs: number, connections: number): Promise<number[]> => {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  const endTick = performance.now() + durationMs;
  const client = async (): Promise<void> => {
    while (performance.now() < endTick) {
      const startTick = performance.now();
      const { statusCode, body } = await pool.request({ path: '/api/v1/items?limit=20', method: 'GET' });
      await body.dump();
      if (statusCode !== 200) throw new Error(`port ${port} answered ${statusCode}`);
      latenciesMs.push(performance.now() - startTick);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return latenciesMs;
};

const measure = async (subject: BenchProcess, durationMs: number, connections: number): Promise<Measured> => {
  const before = await subject.report();
  const startTick = performance.now();
  const latenciesMs = (await load(subject.port, durationMs, connections)).sort((a, b) => a - b);
  const elapsedMs = performance.now() - startTick;
  const cpuMs = (await subject.report()).cpuMs - before.cpuMs;
  const at = (share: number): number => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
  return {
    requestsPerSecond: (latenciesMs.length / elapsedMs) * 1000,
    requestsPerCpuSecond: (latenciesMs.length / cpuMs) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
};

const durationMs = Number(process.argv[2] ?? 4) * 1000;
const connections = Number(process.argv[3] ?? 32);
const bundle = await bundleWorker();
const backend = await startProcess(bundle, 'backend');
const roles = ['bare', 'gateway', 'gateway with plugins'] as const;
const subjects = new Map<string, BenchProcess>();
for (const role of roles) subjects.set(role, await startProcess(bundle, role, backend.port));
const results = new Map<string, Measured[]>(roles.map((role) => [role, []]));
for (const subject of subjects.values()) await load(subject.port, WARM_UP_MS, connections);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [role, subject] of subjects)
    results.get(role)?.push(await measure(subject, durationMs, connections));
}

/** The best round: what others do on the machine only ever takes away. */
const best = (role: string): Measured =>
  (results.get(role) ?? []).reduce((a, b) => (b.requestsPerCpuSecond > a.requestsPerCpuSecond ? b : a));

const bare = best('bare');
process.stdout.write(`${connections} connections, best of ${ROUNDS} rounds of ${durationMs / 1000} s\n`);
for (const role of roles) {
  const { requestsPerSecond, requestsPerCpuSecond, p50Ms, p99Ms } = best(role);
  const share = (requestsPerCpuSecond / bare.requestsPerCpuSecond).toFixed(2);
  process.stdout.write(
    `${role.padEnd(22)} ${requestsPerSecond.toFixed(0).padStart(6)} req/s  ` +
      `${requestsPerCpuSecond.toFixed(0).padStart(6)} req/CPU-s  ` +
      `p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms  ${share} of bare per CPU-s\n`,
  );
}
for (const [role, subject] of subjects) {
  const { rssMiB } = await subject.report();
  process.stdout.write(`${role.padEnd(22)} ${rssMiB.toFixed(0)} MiB resident at the end\n`);
  await subject.stop();
}
await backend.stop();
await bundle.remove();
