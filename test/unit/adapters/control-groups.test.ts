import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usageHere } from '../../../src/adapters/engine/control-groups.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'apictl-groups-'));
});
afterEach(() => rm(root, { recursive: true }));

const lay = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};

describe('what a container of this machine uses', () => {
  it('is counted by control groups of version 1', async () => {
    await lay({
      'proc/7/cgroup': '9:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/docker/abc\n',
      'sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes': '5000\n',
      'sys/fs/cgroup/memory/docker/abc/memory.stat': 'inactive_file 1\ntotal_inactive_file 2000\n',
      'sys/fs/cgroup/cpuacct/docker/abc/cpuacct.usage': '100\n',
    });
    expect(await usageHere('abc', 7, root)).toEqual({ memoryBytes: 3000, cpuPercent: 0 });
  });

  it('is counted by control groups of version 2, with the share of a processor between two looks', async () => {
    const group = 'sys/fs/cgroup/system.slice/docker-abc.scope';
    await lay({
      'proc/7/cgroup': '0::/system.slice/docker-abc.scope\n',
      [`${group}/memory.current`]: '5000\n',
      [`${group}/memory.stat`]: 'anon 9\ninactive_file 2000\n',
      [`${group}/cpu.stat`]: 'usage_usec 1000\nuser_usec 1\n',
    });
    const usage = usageHere('abc', 7, root);
    let usec = 1000;
    const working = setInterval(() => {
      usec += 10_000;
      // In one piece, as the kernel gives it.
      writeFileSync(join(root, 'next'), `usage_usec ${usec}\nuser_usec 1\n`);
      renameSync(join(root, 'next'), join(root, group, 'cpu.stat'));
    }, 20);
    const found = await usage.finally(() => clearInterval(working));
    expect(found?.memoryBytes).toBe(3000);
    expect(found?.cpuPercent).toBeGreaterThan(0);
  });

  it.each([
    ['a process of another container', { 'proc/7/cgroup': '0::/docker/other\n' }],
    ['a process of no container', { 'proc/7/cgroup': '9:memory:/\n2:cpuacct:/\n0::/\n' }],
    ['no process', {}],
    ['counters that are not where they usually are', { 'proc/7/cgroup': '0::/docker/abc\n' }],
  ])('is not known where the number means %s', async (_what, files) => {
    await lay(files);
    expect(await usageHere('abc', 7, root)).toBeNull();
  });
});
