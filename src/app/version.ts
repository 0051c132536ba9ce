import { join } from 'node:path';
import type { World } from './world.ts';

/** The version of this installation, as `0.1.0`. */
export async function versionOf({
  files,
  packageRoot,
}: Pick<World, 'files' | 'packageRoot'>): Promise<string> {
  const text = (await files.read(join(packageRoot, 'package.json')))?.toString('utf8') ?? '{}';
  return String((JSON.parse(text) as { version?: string }).version ?? 'unknown');
}
