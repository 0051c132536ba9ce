import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Usage } from '../../core/ports/engine.ts';

/** Long enough for a share of the processors that means something, short enough for somebody who waits. */
export const BETWEEN_SAMPLES_MS = 200;

interface Counted {
  readonly memoryBytes: number;
  readonly cpuNanoseconds: number;
  readonly atMs: number;
}

/**
 * What a container uses, from the kernel's own counters: the engine looks at them once a second and lets whoever asks wait for
 * it. Null where the container is not on this machine, or the counters are not where they usually are.
 * @param pid of the container's first process, as the engine says it
 * @param root `/`, but for tests
 */
export async function usageHere(id: string, pid: number, root = '/'): Promise<Usage | null> {
  const first = await counted(id, pid, root);
  if (first === null) return null;
  await delay(BETWEEN_SAMPLES_MS);
  const second = await counted(id, pid, root);
  if (second === null) return null;
  const nanoseconds = (second.atMs - first.atMs) * 1e6;
  const percent = ((second.cpuNanoseconds - first.cpuNanoseconds) / nanoseconds) * 100;
  return { memoryBytes: second.memoryBytes, cpuPercent: Math.round(percent * 10) / 10 };
}

async function counted(id: string, pid: number, root: string): Promise<Counted | null> {
  const read = (...path: readonly string[]) => readFile(join(root, ...path), 'utf8');
  try {
    const groups = (await read('proc', String(pid), 'cgroup')).split('\n').map((line) => line.split(':'));
    const groupOf = (controller: string) =>
      groups.find(([, controllers]) => controllers?.split(',').includes(controller))?.[2];
    const [memory, cpu, unified] = [groupOf('memory'), groupOf('cpuacct'), groupOf('')];
    const atMs = performance.now();
    if (memory !== undefined && cpu !== undefined) {
      if (!memory.includes(id) || !cpu.includes(id)) return null;
      const inMemory = ['sys/fs/cgroup/memory', memory];
      return {
        memoryBytes: inUse(
          await read(...inMemory, 'memory.usage_in_bytes'),
          figure(await read(...inMemory, 'memory.stat'), 'total_inactive_file'),
        ),
        cpuNanoseconds: Number(await read('sys/fs/cgroup/cpuacct', cpu, 'cpuacct.usage')),
        atMs,
      };
    }
    // A process of this machine that happens to have the same number is not the container's.
    if (unified?.includes(id) !== true) return null;
    const group = ['sys/fs/cgroup', unified];
    return {
      memoryBytes: inUse(
        await read(...group, 'memory.current'),
        figure(await read(...group, 'memory.stat'), 'inactive_file'),
      ),
      cpuNanoseconds: figure(await read(...group, 'cpu.stat'), 'usage_usec') * 1000,
      atMs,
    };
  } catch {
    return null;
  }
}

/** As `docker stats` counts: without the page cache that could be dropped. */
const inUse = (bytes: string, droppable: number): number => Math.max(0, Number(bytes) - droppable);

/** One line of a file of lines as `inactive_file 4096`. */
const figure = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
