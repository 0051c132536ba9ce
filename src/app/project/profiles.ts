import type { Profile } from '../../config/choices.ts';
import { PROFILES } from '../../config/choices.ts';
import type { Config } from '../../config/schema.ts';

/** What the Elastic stack needs beside the rest; less, and the engine starts ending processes. */
const ALL_PROFILES_BYTES = 8 * 1024 ** 3;

/** The profiles that run, and the sentence that says why some do not. The engine's memory counts, not the host's. */
export function chooseProfiles(
  config: Config,
  engineMemoryBytes: number,
): { profiles: readonly Profile[]; note?: string } {
  if (config.profiles !== undefined) return { profiles: config.profiles };
  // Firmware and kernel keep a little of the nominal 8 GiB for themselves.
  if (engineMemoryBytes >= ALL_PROFILES_BYTES * 0.95) return { profiles: PROFILES };
  const gib = (engineMemoryBytes / 1024 ** 3).toFixed(1);
  return {
    profiles: ['core', 'monitoring'],
    note: `profiles core and monitoring: the engine has ${gib} GiB of memory, elk wants 8 GiB (choose with --profile)`,
  };
}
