import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStackIn } from './app/library/open-stack.ts';
import type { OpenStackOptions, Stack } from './app/library/stack-handle.ts';
import { realWorld } from './real-world.ts';

/** What `import { openStack } from 'apictl'` gives; docs/library.md describes it. */

export type { Checks } from './app/doctor/doctor.ts';
export type { DownResult } from './app/down.ts';
export type { LogsQuery, OpenStackOptions, Stack } from './app/library/stack-handle.ts';
export type { SeedOptions, SeedResult } from './app/seed/seed.ts';
export type { Status } from './app/status/model.ts';
export type { UpResult } from './app/up/model.ts';
export type { ConfigInput } from './config/schema.ts';
export { ApictlError, EXIT, type ExitCode } from './core/errors.ts';
export type { Event } from './core/events.ts';
export { Secret } from './core/secret.ts';
export type { LogDocument } from './logs/document.ts';

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Brings a stack up, or takes the one that runs, and answers a handle on it: `await using stack = await openStack()`.
 * @throws ApictlError with the code and the hint that the command line shows
 */
export function openStack(options: OpenStackOptions = {}): Promise<Stack> {
  const world = realWorld({
    packageRoot,
    workingFolder: resolve(options.folder ?? '.'),
    emit: options.onEvent ?? (() => {}),
    signal: options.signal ?? new AbortController().signal,
  });
  return openStackIn(world, options);
}
