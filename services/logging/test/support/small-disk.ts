/** A file system of a few megabytes, for tests that fill it. Mounting takes root on Linux. */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** @param size as mount takes it: "48m" */
export async function mountSmallDisk(root: string, size: string): Promise<string> {
  const directory = join(root, 'small-disk');
  await mkdir(directory);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`mount: ${stderr}`);
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', directory]);
  });
  return directory;
}
