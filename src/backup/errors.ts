import { ApictlError, EXIT } from '../core/errors.ts';

/** An archive that is not, byte for byte, what was written once. Nothing has been touched. */
export const damaged = (path: string, why: string, cause?: unknown): ApictlError =>
  new ApictlError({
    code: 'BACKUP_DAMAGED',
    exitCode: EXIT.usage,
    message: `${path} is no whole backup: ${why}`,
    object: path,
    hint: 'Nothing was touched. Take another copy of it, or another backup: "apictl backup ls".',
    cause,
  });

/** Something in an archive that no backup holds, as a path out of its folder. Nothing has been touched. */
export const hostile = (path: string, why: string): ApictlError =>
  new ApictlError({
    code: 'BACKUP_HOSTILE',
    exitCode: EXIT.usage,
    message: `${path} holds what no backup holds: ${why}`,
    object: path,
    hint: 'Nothing was touched. This file was not made by "apictl backup create"; do not trust where it comes from.',
  });

/** A backup that is whole and does not fit here. Nothing has been touched. */
export const unfit = (path: string, why: string, hint: string): ApictlError =>
  new ApictlError({
    code: 'BACKUP_UNFIT',
    exitCode: EXIT.usage,
    message: `${path} does not fit here: ${why}; nothing was touched`,
    object: path,
    hint,
  });

export const wrongKey = (path: string, kind: 'passphrase' | 'recipients', cause?: unknown): ApictlError =>
  new ApictlError({
    code: 'BACKUP_KEY_WRONG',
    exitCode: EXIT.secrets,
    message:
      kind === 'passphrase'
        ? `this is not the passphrase of ${path}`
        : `${path} was not sealed for this identity`,
    object: path,
    hint:
      kind === 'passphrase'
        ? 'Nothing was touched. Give the passphrase with which it was made: --passphrase-file FILE, or type it.'
        : 'Nothing was touched. Give the identity of one of its recipients with --identity FILE.',
    cause,
  });
