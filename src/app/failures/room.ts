import { join } from 'node:path';
import type { ContainerDetails, Mount } from '../../core/ports/engine.ts';
import type { MountRoom } from '../../diagnosis/model.ts';
import type { World } from '../world.ts';

const LOOK_TIMEOUT_MS = 3_000;

/**
 * How much room the volumes of a container have that it can write to: asked in the container where it runs, else on this machine
 * where the engine is here too. What cannot be looked at is left out.
 */
export async function roomOfVolumes(
  { engine, files }: Pick<World, 'engine' | 'files'>,
  { id, state, mounts }: ContainerDetails,
): Promise<readonly MountRoom[]> {
  const volumes = mounts.filter(({ type, readOnly }) => type === 'volume' && !readOnly);
  if (volumes.length === 0) return [];
  if (state === 'running') {
    const argv = ['df', '-Pk', ...volumes.map(({ destination }) => destination)];
    const { output } = await engine.exec(id, argv, LOOK_TIMEOUT_MS).catch(() => ({ output: '' }));
    return roomOf(output);
  }
  const { endpoint, dataFolder } = await engine.facts();
  if (!endpoint.startsWith('unix:')) return [];
  const found = await Promise.all(
    volumes.map(async ({ source, destination }: Mount): Promise<MountRoom[]> => {
      const disk = await files.disk(join(dataFolder, 'volumes', source, '_data'));
      return disk === null ? [] : [{ destination, freeBytes: disk.freeBytes, totalBytes: disk.totalBytes }];
    }),
  );
  return found.flat();
}

/** What `df -Pk` says: device, KiB in all, used, free, part used, place. Pure. */
export const roomOf = (output: string): MountRoom[] =>
  output.split('\n').flatMap((line) => {
    const [, total, free, destination] = /^\S.*?\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s+(\/.*)$/.exec(line) ?? [];
    return destination === undefined
      ? []
      : [{ destination, freeBytes: Number(free) * 1024, totalBytes: Number(total) * 1024 }];
  });
