import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { bytes } from '../core/bytes.ts';
import { ApictlError, EXIT, messageOf, systemCodeOf } from '../core/errors.ts';
import { mountPointOf } from './mount-point.ts';

const CAUSES: Readonly<Record<string, { what: string; hint: string }>> = {
  EACCES: { what: 'no permission', hint: 'Check its owner and mode, and those of the folders above it.' },
  EPERM: { what: 'not permitted', hint: 'Check its owner and mode, and those of the folders above it.' },
  EDQUOT: { what: 'the disk quota is used up', hint: 'Free some space and run the same command again.' },
  EROFS: { what: 'the file system is read-only', hint: 'Use a project root that can be written.' },
  // What Node.js says of a folder that it cannot make on a read-only file system.
  ENOENT: {
    what: 'its folder cannot be made: the file system is read-only, or a folder above it is gone',
    hint: 'Use a project root that can be written.',
  },
  ENOTDIR: { what: 'a part of its path is a file, not a folder', hint: 'Remove or rename that file.' },
  EISDIR: {
    what: 'it is a folder, not a file',
    hint: 'Give the path of a file; where the name is not yours to choose, move the folder away.',
  },
};

/** A failure of the file system in words for people: exit code 8. */
export function fileError(path: string, thrown: unknown): ApictlError {
  if (thrown instanceof ApictlError) return thrown;
  const code = systemCodeOf(thrown) ?? 'EUNKNOWN';
  if (code === 'ENOSPC') return diskFull(path, thrown);
  const cause = CAUSES[code];
  return new ApictlError({
    code: code === 'EDQUOT' ? 'DISK_FULL' : 'FILE_UNUSABLE',
    exitCode: EXIT.machine,
    message: `${path} cannot be used: ${cause?.what ?? messageOf(thrown)}`,
    object: path,
    hint: cause?.hint,
    cause: thrown,
  });
}

/** Says which of the file systems is full: the project's folders may lie on several. */
function diskFull(path: string, cause: unknown): ApictlError {
  const folder = nearestFolder(path);
  const { bavail, bsize, blocks } = statfsSync(folder);
  const left = `${bytes(bavail * bsize)} of ${bytes(blocks * bsize)} left`;
  return new ApictlError({
    code: 'DISK_FULL',
    exitCode: EXIT.machine,
    message: `${path} cannot be written: ${mountPointOf(folder)} is full (${left})`,
    object: path,
    hint: 'Free some space there and run the same command again: it goes on from what is there.',
    cause,
  });
}

/** The folder of a path, or the nearest above it that is there. */
function nearestFolder(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) ? folder : nearestFolder(folder);
}
