import { resolve } from 'node:path';
import type { AskOpener } from '../../app/backup/model.ts';
import { identitiesOf, isRecipient, type Lock } from '../../backup/seal.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { Context } from '../context.ts';

/** Where the key of a backup comes from: never from an argument, which every user of the machine can read. */

export interface KeyFlags {
  readonly passphraseFile?: string;
  readonly identity?: string;
}

/** Shorter ones can be guessed, however slow each guess is made. */
const SHORTEST = 8;

/** What a new backup is sealed with: the option before the configuration, and a passphrase where neither says more. */
export async function lockFor(
  context: Context,
  flags: Pick<KeyFlags, 'passphraseFile'> & { readonly recipient?: readonly string[] },
  configured: readonly string[],
): Promise<Lock> {
  const recipients = flags.recipient ?? configured;
  if (flags.passphraseFile === undefined && recipients.length > 0) {
    for (const recipient of recipients) if (!(await isRecipient(recipient))) throw noRecipient(recipient);
    return { kind: 'recipients', recipients };
  }
  const question = 'Passphrase for the backup:';
  const passphrase = await passphraseFrom(context, flags.passphraseFile, question, () =>
    missing('no passphrase was given', `${HOW_TO_GIVE} Or set "backup.recipients" in apictl.yaml.`),
  );
  if (passphrase.reveal().length < SHORTEST) throw weak();
  if (flags.passphraseFile === undefined && context.isInteractive) {
    const again = await context.readSecret('The same again:');
    if (again !== passphrase.reveal()) throw mistyped();
  }
  return { kind: 'passphrase', passphrase };
}

/** What opens a backup that is there. */
export const openerFor =
  (context: Context, flags: KeyFlags): AskOpener =>
  async (kind) => {
    if (kind === 'passphrase') {
      const question = 'Passphrase of the backup:';
      const passphrase = await passphraseFrom(context, flags.passphraseFile, question, () =>
        missing(
          `the backup is sealed with a passphrase, and none was given${flags.identity === undefined ? '' : '; --identity opens those only that are sealed for age recipients'}`,
          HOW_TO_GIVE,
        ),
      );
      return { kind, passphrase };
    }
    if (flags.identity === undefined) {
      throw missing(
        `the backup is sealed for age recipients, and no identity was given${flags.passphraseFile === undefined ? '' : '; a passphrase does not open it'}`,
        'Give the identity of one of them with --identity FILE.',
      );
    }
    const identities = await secretFile(context, flags.identity);
    if (identitiesOf(identities).length === 0) {
      throw missing(
        `there is no age identity in ${flags.identity}`,
        'An identity begins with AGE-SECRET-KEY-; "age-keygen" makes one.',
      );
    }
    return { kind: 'identities', identities };
  };

const HOW_TO_GIVE = 'Type it on a terminal, pipe it in, or give --passphrase-file FILE.';

async function passphraseFrom(
  context: Context,
  file: string | undefined,
  question: string,
  noneGiven: () => ApictlError,
): Promise<Secret> {
  const text =
    file === undefined ? await context.readSecret(question) : (await secretFile(context, file)).reveal();
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase !== '') return new Secret(passphrase);
  throw noneGiven();
}

async function secretFile({ world }: Context, file: string): Promise<Secret> {
  const path = resolve(world.workingFolder, file);
  const content = await world.files.read(path);
  if (content === null) throw missing(`there is no file ${path}`, 'Give the path of a file with the key.');
  const mode = (await world.files.stat(path))?.mode ?? 0;
  if ((mode & 0o077) !== 0)
    world.emit({
      type: 'warning',
      text: `other users can read ${path}; "chmod 600 ${path}" keeps it private`,
    });
  return new Secret(content.toString('utf8'));
}

const missing = (message: string, hint: string): ApictlError =>
  new ApictlError({
    code: 'BACKUP_KEY_MISSING',
    exitCode: EXIT.secrets,
    message,
    object: 'backup key',
    hint,
  });

const weak = (): ApictlError =>
  new ApictlError({
    code: 'BACKUP_KEY_WEAK',
    exitCode: EXIT.secrets,
    message: `the passphrase has fewer than ${SHORTEST} characters`,
    object: 'backup key',
    hint: 'Take a longer one: whoever has the file can try as many as they like.',
  });

const mistyped = (): ApictlError =>
  new ApictlError({
    code: 'BACKUP_KEY_MISTYPED',
    exitCode: EXIT.secrets,
    message: 'the two passphrases differ; nothing was saved',
    object: 'backup key',
    hint: 'Try again.',
  });

const noRecipient = (recipient: string): ApictlError =>
  new ApictlError({
    code: 'BACKUP_RECIPIENT_INVALID',
    exitCode: EXIT.usage,
    message: `"${recipient}" is no age recipient`,
    object: 'backup.recipients',
    hint: 'A recipient begins with age1 and is the public half of an identity: "age-keygen -y FILE" prints it.',
  });
