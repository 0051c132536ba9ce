/** What retention may be set to, wherever it is set. */

export const MIN_AGE_MS = 60_000;
export const MAX_AGE_MS = 3650 * 86_400_000;
export const MIN_BYTES = 16 * 2 ** 20;
export const MAX_BYTES = 64 * 2 ** 40;
