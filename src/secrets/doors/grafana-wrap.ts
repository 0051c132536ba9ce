import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../../core/ports/random.ts';
import type { Secret } from '../../core/secret.ts';

/**
 * How Grafana encrypts a data key with its secret key: `*aes-cfb*`, its name in base64 without padding; eight characters of salt; the
 * initialisation vector; the data key, encrypted. Nothing in it says whether it was decrypted with the right key.
 */

const ALGORITHM = 'aes-256-cfb';
const PREFIX = Buffer.from(`*${Buffer.from('aes-cfb').toString('base64url')}*`);
const STAR = 0x2a;
const SALT_BYTES = 8;
const VECTOR_BYTES = 16;
const KEY_BYTES = 32;
const ROUNDS = 10_000;

const keyOf = (secret: Secret, salt: Uint8Array): Buffer =>
  pbkdf2Sync(secret.reveal(), salt, ROUNDS, KEY_BYTES, 'sha256');

/** @throws Error for another algorithm than the one that Grafana encrypts with, or too few bytes */
export function unwrapDataKey(wrapped: Uint8Array, secret: Secret): Buffer {
  const bytes = Buffer.from(wrapped);
  const isNamed = bytes.subarray(0, PREFIX.length).equals(PREFIX);
  if (!isNamed && bytes[0] === STAR) throw new Error('it is encrypted by another algorithm than aes-cfb');
  const rest = isNamed ? bytes.subarray(PREFIX.length) : bytes;
  if (rest.length <= SALT_BYTES + VECTOR_BYTES) throw new Error('it is too short');
  const key = keyOf(secret, rest.subarray(0, SALT_BYTES));
  const vector = rest.subarray(SALT_BYTES, SALT_BYTES + VECTOR_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, vector);
  return Buffer.concat([decipher.update(rest.subarray(SALT_BYTES + VECTOR_BYTES)), decipher.final()]);
}

export function wrapDataKey(dataKey: Uint8Array, secret: Secret, random: Random): Buffer {
  // Characters, as Grafana has them there: six random bytes are eight of base64.
  const salt = Buffer.from(Buffer.from(random.bytes(6)).toString('base64url'));
  const vector = random.bytes(VECTOR_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret, salt), vector);
  return Buffer.concat([PREFIX, salt, vector, cipher.update(dataKey), cipher.final()]);
}
