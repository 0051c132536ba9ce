/** Ids that are the same for every delivery of the same event. */
import { createHash, hash, randomBytes } from 'node:crypto';

const ID_DIGITS = 16;

/** 16 hex digits from any number of parts; the separator keeps ("ab","c") and ("a","bc") apart. */
export function stableId(...parts: readonly (string | Uint8Array)[]): string {
  // Text alone, which is what nearly every event is, is hashed in one call.
  if (parts.every((part) => typeof part === 'string'))
    return hash('sha1', `${parts.join('\0')}\0`, 'hex').slice(0, ID_DIGITS);
  const hashing = createHash('sha1');
  for (const part of parts) hashing.update(part).update('\0');
  return hashing.digest('hex').slice(0, ID_DIGITS);
}

/** For events that nothing distinguishes from their repetition. */
export function randomId(): string {
  return randomBytes(ID_DIGITS / 2).toString('hex');
}

/** The id as the signed 64-bit integer that the store keeps. */
export function idToInteger(id: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${id}`));
}

export function integerToId(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(ID_DIGITS, '0');
}
