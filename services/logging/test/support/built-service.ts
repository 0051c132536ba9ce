/** The service as it ships, bundled once for each test file. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { bundle } from '../../bundle.mjs';

/** Below node_modules, where the bundle finds the store's native binding. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache', import.meta.url));

let built: Promise<string> | undefined;

async function build(): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'logging-'));
  await bundle(folder);
  return folder;
}

/** The path of main.mjs. */
export async function builtMain(): Promise<string> {
  built ??= build();
  return join(await built, 'main.mjs');
}

afterAll(async () => {
  if (built !== undefined) await rm(await built, { recursive: true, force: true });
});
