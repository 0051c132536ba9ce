import { bytes } from '../../core/bytes.ts';
import type { Mount } from '../../core/ports/engine.ts';
import type { FailureFacts, MountRoom, Rule } from '../model.ts';
import { heard, mountOf, originNote } from '../said.ts';

/** Less than this is full for whoever writes segments, pages or indices. */
const FULL = { part: 0.01, bytes: 1024 ** 2 } as const;

export const diskFull: Rule = {
  id: 'disk-full',
  weight: 'certain',
  failure: 'the disk, a volume or a memory file system is full (`No space left on device`)',
  remedy:
    'free space: the volume is named where it is one (`docker system df -v` says what each holds), else `docker system df` says what the engine holds; then `apictl up`',
  recognise: (facts) => {
    const found = heard(
      facts,
      /no space left on device/i,
      /disk quota exceeded/i,
      /flood[- ]stage disk watermark/,
    );
    if (found === undefined) return undefined;
    const path = /(?:^|[\s'"`[(=:])(\/[\w./-]+)/.exec(found.line)?.[1];
    const volume = fullVolume(facts, path, found.line);
    if (volume !== undefined)
      return {
        cause: `ran out of disk space (volume ${volume.source}${leftOf(facts, volume)}): ${found.line}`,
        hint: `Free some space where the volume lies: "docker system df -v" says what each volume holds, "docker volume inspect ${volume.source}" where it is. Then run "apictl up" again.`,
      };
    return {
      cause: `ran out of disk space${path === undefined ? '' : originNote(facts, path)}: ${found.line}`,
      hint: 'Free some space ("docker system df" says what the engine holds, "apictl doctor" what is left) and run "apictl up" again.',
    };
  },
};

/** The volume that was written to: by the path that is named, else the only one that can be meant. */
function fullVolume(facts: FailureFacts, path: string | undefined, line: string): Mount | undefined {
  if (path !== undefined) {
    const mount = mountOf(facts, path);
    return mount?.type === 'volume' ? mount : undefined;
  }
  const volumes = (facts.details?.mounts ?? []).filter(
    ({ type, readOnly }) => type === 'volume' && !readOnly,
  );
  const full = volumes.filter((volume) => isFull(roomOf(facts, volume)));
  const meant = full.length === 0 && namesDataFile(line) ? volumes : full;
  return meant.length === 1 ? meant[0] : undefined;
}

/** PostgreSQL names its files from its data directory on: `could not extend file "base/5/1259"`. */
const namesDataFile = (line: string): boolean => /\bfile "[a-z_]+\//.test(line);

const roomOf = ({ room }: FailureFacts, { destination }: Mount): MountRoom | undefined =>
  room.find((one) => one.destination === destination);

const isFull = (room: MountRoom | undefined): boolean =>
  room !== undefined && room.freeBytes < Math.max(FULL.bytes, room.totalBytes * FULL.part);

/** What is left of it, where it was seen full: a program may have made room again when it ended. */
function leftOf(facts: FailureFacts, volume: Mount): string {
  const room = roomOf(facts, volume);
  return room !== undefined && isFull(room)
    ? `, ${bytes(room.freeBytes)} of ${bytes(room.totalBytes)} left`
    : '';
}
