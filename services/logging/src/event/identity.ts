/** Ids that are the same for every delivery of the same event. */
import { createHash, randomBytes } from 'node:crypto';

const ID_DIGITS = 16;

/** 16 hex digits from any number of parts; the separator keeps ("ab","c") and ("a","bc") apart. */
export function stableId(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, ID_DIGITS);
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
