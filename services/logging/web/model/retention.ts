/** Retention as people write it, and what they wrote as the service takes it. */
import { parseBytes, parseDurationMs } from '../../src/config/quantity.ts';
import { MAX_AGE_MS, MAX_BYTES, MIN_AGE_MS, MIN_BYTES } from '../../src/store/retention-bounds.ts';

export interface Retention {
  readonly max_age_seconds: number;
  readonly max_bytes: number;
}

/** What stands in the fields. */
export interface RetentionText {
  readonly age: string;
  readonly size: string;
}

/** What is wrong with a field, as a sentence; nothing for a field that is well. */
export type RetentionFaults = Partial<Record<keyof RetentionText, string>>;

const AGE_UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];
const SIZE_UNITS: readonly (readonly [string, number])[] = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['B', 1],
];

/** `1d12h`: exactly what is set, so that leaving a field as it is changes nothing. */
function ageText(seconds: number): string {
  let rest = Math.max(1, Math.round(seconds));
  return AGE_UNITS.map(([unit, size]) => {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    return whole === 0 ? '' : `${whole}${unit}`;
  }).join('');
}

/** In the largest unit of which it is a whole number. */
function sizeText(bytes: number): string {
  const [unit, size] = SIZE_UNITS.find(([, candidate]) => bytes % candidate === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}

export function textOfRetention({ max_age_seconds, max_bytes }: Retention): RetentionText {
  return { age: ageText(max_age_seconds), size: sizeText(max_bytes) };
}

function ageFault(ms: number | undefined): string | undefined {
  if (ms === undefined) return 'Write a time with its unit, as 7d or 12h.';
  if (ms % 1000 !== 0) return 'It must be whole seconds.';
  return ms < MIN_AGE_MS || ms > MAX_AGE_MS
    ? `It must be between ${ageText(MIN_AGE_MS / 1000)} and ${ageText(MAX_AGE_MS / 1000)}.`
    : undefined;
}

function sizeFault(bytes: number | undefined): string | undefined {
  if (bytes === undefined) return 'Write a size with its unit, as 512MiB or 20GiB.';
  return bytes < MIN_BYTES || bytes > MAX_BYTES
    ? `It must be between ${sizeText(MIN_BYTES)} and ${sizeText(MAX_BYTES)}.`
    : undefined;
}

/** What was written, or why it cannot be set. */
export function readRetention({ age, size }: RetentionText): Retention | RetentionFaults {
  const ms = parseDurationMs(age);
  const bytes = parseBytes(size);
  const [ofAge, ofSize] = [ageFault(ms), sizeFault(bytes)];
  if (ms !== undefined && bytes !== undefined && ofAge === undefined && ofSize === undefined)
    return { max_age_seconds: ms / 1000, max_bytes: bytes };
  return {
    ...(ofAge === undefined ? {} : { age: ofAge }),
    ...(ofSize === undefined ? {} : { size: ofSize }),
  };
}

export function isRetention(read: Retention | RetentionFaults): read is Retention {
  return 'max_bytes' in read;
}

/** True where events could go that are kept so far. */
export function keepsLess(wanted: Retention, current: Retention): boolean {
  return wanted.max_age_seconds < current.max_age_seconds || wanted.max_bytes < current.max_bytes;
}
