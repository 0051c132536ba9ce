import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { Decrypter, Encrypter } from 'age-encryption';
import { Secret } from '../core/secret.ts';

/**
 * Seals with age (https://age-encryption.org/v1): every archive has a key of its own, which alone is sealed with the passphrase or
 * for the recipients. So any member can be opened with the `age` program too, in two steps.
 */

/** What a backup is sealed with. */
export type Lock =
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] };

/** What opens it: the passphrase, or the text of an age identity file. */
export type Opener =
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }
  | { readonly kind: 'identities'; readonly identities: Secret };

/** 2^this rounds of scrypt: a second or two for us, and for every guess of whoever has stolen the archive. */
const WORK_FACTOR = 17;

export async function makeKey(): Promise<Secret> {
  const { generateX25519Identity } = await import('age-encryption');
  return new Secret(await generateX25519Identity());
}

/** The archive's key, sealed. */
export async function sealKey(key: Secret, lock: Lock): Promise<Uint8Array> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  if (lock.kind === 'passphrase') {
    encrypter.setScryptWorkFactor(WORK_FACTOR);
    encrypter.setPassphrase(lock.passphrase.reveal());
  } else for (const recipient of lock.recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(key.reveal());
}

/** The archive's key; null where this does not open it. */
export async function openKey(sealed: Uint8Array, opener: Opener): Promise<Secret | null> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  if (opener.kind === 'passphrase') decrypter.addPassphrase(opener.passphrase.reveal());
  else for (const identity of identitiesOf(opener.identities)) decrypter.addIdentity(identity);
  try {
    return new Secret(await decrypter.decrypt(sealed, 'text'));
  } catch {
    return null;
  }
}

/** The recipients that an opener stands for, so that what it opens can be sealed again for the same people. */
export async function lockOf(opener: Opener): Promise<Lock> {
  if (opener.kind === 'passphrase') return opener;
  const { identityToRecipient } = await import('age-encryption');
  const recipients = await Promise.all(
    identitiesOf(opener.identities).map((one) => identityToRecipient(one)),
  );
  return { kind: 'recipients', recipients };
}

/** The lines of an age identity file that are identities. */
export const identitiesOf = (file: Secret): string[] =>
  file
    .reveal()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('AGE-SECRET-KEY-'));

/** Whether age takes this as a recipient, as `age1...`. */
export async function isRecipient(text: string): Promise<boolean> {
  const { Encrypter } = await import('age-encryption');
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}

/** Sealed with the archive's key, piece by piece. */
export async function* sealed(source: AsyncIterable<Uint8Array>, key: Secret): AsyncIterable<Uint8Array> {
  const { Encrypter, identityToRecipient } = await import('age-encryption');
  const encrypter: Encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(key.reveal()));
  yield* iterate(await encrypter.encrypt(webStream(source)));
}

/** What was sealed. @throws Error where it is not what was sealed, at the piece that is not. */
export async function* opened(source: AsyncIterable<Uint8Array>, key: Secret): AsyncIterable<Uint8Array> {
  const { Decrypter } = await import('age-encryption');
  const decrypter: Decrypter = new Decrypter();
  decrypter.addIdentity(key.reveal());
  yield* iterate(await decrypter.decrypt(webStream(source)));
}

const webStream = (source: AsyncIterable<Uint8Array>) =>
  ReadableStream.from(source) as unknown as globalThis.ReadableStream<Uint8Array>;

const iterate = (stream: globalThis.ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> =>
  Readable.fromWeb(stream as unknown as ReadableStream<Uint8Array>);
