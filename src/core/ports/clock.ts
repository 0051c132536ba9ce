/** Time, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; it never rejects, so the caller looks at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
