/**
 * How long a condition is waited for where a test says nothing else, in milliseconds. A machine that is busy with other tests may
 * take its time: what fails for impatience says nothing.
 */
export const PATIENCE = { timeout: 15_000, interval: 50 } as const;
