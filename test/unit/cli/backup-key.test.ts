import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/app/world.ts';
import { type KeyFlags, lockFor, openerFor } from '../../../src/cli/actions/backup-key.ts';
import type { Context } from '../../../src/cli/context.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

/** A run without a terminal, that this is piped into. */
const piped = (text: string, files: Readonly<Record<string, string>> = {}): Context =>
  ({
    isInteractive: false,
    readSecret: async () => text,
    world: { files: memoryFiles(files), workingFolder: '/srv', emit: () => {} } as unknown as World,
  }) as unknown as Context;

const opened = (kind: 'passphrase' | 'recipients', flags: KeyFlags, text = '') =>
  openerFor(piped(text, { '/srv/word': 'correct horse\n' }), flags)(kind);

describe('the key of a backup', () => {
  it('that is a passphrase is asked for where only an identity was given, and its lack says so', async () => {
    await expect(opened('passphrase', { identity: 'key.txt' })).rejects.toMatchObject({
      code: 'BACKUP_KEY_MISSING',
      exitCode: 7,
      message:
        'the backup is sealed with a passphrase, and none was given; --identity opens those only that are sealed for age recipients',
      hint: 'Type it on a terminal, pipe it in, or give --passphrase-file FILE.',
    });
    await expect(opened('passphrase', {})).rejects.toMatchObject({
      message: 'the backup is sealed with a passphrase, and none was given',
    });
    const opener = await opened('passphrase', { identity: 'key.txt' }, 'piped in\n');
    expect(opener.kind === 'passphrase' && opener.passphrase.reveal()).toBe('piped in');
  });

  it('that is an identity is not replaced by a passphrase', async () => {
    await expect(opened('recipients', { passphraseFile: 'word' })).rejects.toMatchObject({
      code: 'BACKUP_KEY_MISSING',
      message:
        'the backup is sealed for age recipients, and no identity was given; a passphrase does not open it',
      hint: 'Give the identity of one of them with --identity FILE.',
    });
  });

  it('of a new backup is a passphrase where the configuration names no recipient, and says that too', async () => {
    await expect(lockFor(piped(''), {}, [])).rejects.toMatchObject({
      message: 'no passphrase was given',
      hint: expect.stringContaining('"backup.recipients" in apictl.yaml'),
    });
  });
});

describe('apictl restore --no-save', () => {
  it('is refused without --replace, before anything is looked at', async () => {
    const { exitCode, error } = await runCommand({}, 'restore', 'shop.apictl', '--no-save');
    expect(exitCode).toBe(64);
    expect(error).toMatchObject({
      code: 'OPTION_CONFLICT',
      hint: expect.stringContaining('--replace --no-save'),
    });
  });
});
