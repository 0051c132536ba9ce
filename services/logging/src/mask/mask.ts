/** Masks a record in place, before anything of it reaches a disk. */
import type { JsonObject } from '../event/model.ts';
import { credentialKeys } from './keys.ts';
import { type MaskPatterns, NO_PATTERNS } from './patterns.ts';
import { isCardNumber, MASK, maskText } from './text.ts';

/** Deeper records are nobody's logs; JSON.stringify would run out of stack on them. */
export const MAX_DEPTH = 64;

/** The record is nested deeper than MAX_DEPTH. */
export class TooDeepError extends Error {
  constructor() {
    super(`nested deeper than ${MAX_DEPTH} levels`);
    this.name = 'TooDeepError';
  }
}

export interface Masker {
  /** Changes the record in place and returns it. @throws TooDeepError */
  readonly record: (record: JsonObject) => JsonObject;
  readonly text: (text: string) => string;
  /**
   * True when `record` would leave a record as it is whose text holds no credentials (`mayHoldCredentials`), so that this text can
   * be kept. @throws TooDeepError
   */
  readonly isClean: (record: JsonObject) => boolean;
}

function maskCardNumber(value: number): number | string {
  return value >= 1e12 &&
    Number.isSafeInteger(value) &&
    /^(?:[3456]|2[2-7])/.test(String(value)) &&
    isCardNumber(String(value))
    ? MASK
    : value;
}

/**
 * @param extraKeys names whose values are masked besides the built-in ones
 * @param patterns of the operator's own, masked in texts and numbers besides what is built in
 */
export function createMasker(extraKeys: readonly string[], patterns: MaskPatterns = NO_PATTERNS): Masker {
  const isCredentialKey = credentialKeys(extraKeys);

  const maskAll = (text: string): string => patterns.mask(maskText(text));

  function maskNumber(value: number): number | string {
    return patterns.matches(String(value)) ? patterns.mask(String(value)) : maskCardNumber(value);
  }

  function maskValue(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return maskAll(value);
    if (typeof value === 'number') return maskNumber(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) throw new TooDeepError();
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) value[index] = maskValue(value[index], depth + 1);
      return value;
    }
    return maskObject(value as JsonObject, depth);
  }

  function maskObject(record: JsonObject, depth: number): JsonObject {
    // JSON.parse makes `__proto__` an own property, and assigning to an own property leaves the prototype alone.
    for (const key of Object.keys(record)) {
      const value = record[key];
      if (isCredentialKey(key)) {
        if (value !== null && value !== '' && typeof value !== 'boolean') record[key] = MASK;
      } else {
        record[key] = maskValue(value, depth + 1);
      }
    }
    return record;
  }

  /** Own patterns are looked for in each value: one that is anchored would not find it inside the whole record's text. */
  function needsMask(value: unknown, depth: number): boolean {
    if (typeof value === 'string') return patterns.matches(value);
    if (typeof value === 'number') return patterns.matches(String(value));
    if (typeof value !== 'object' || value === null) return false;
    if (depth >= MAX_DEPTH) throw new TooDeepError();
    if (Array.isArray(value)) return value.some((item) => needsMask(item, depth + 1));
    for (const key of Object.keys(value)) {
      if (isCredentialKey(key) || needsMask((value as JsonObject)[key], depth + 1)) return true;
    }
    return false;
  }

  return {
    record: (record) => maskObject(record, 1),
    text: maskAll,
    isClean: (record) => !needsMask(record, 1),
  };
}
