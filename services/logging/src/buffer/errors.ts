/** Why the buffer did not take a batch. Neither loses anything: the sender is told to come again. */

/** The buffer holds as much as it may; the store has to catch up first. */
export class BufferFullError extends Error {
  constructor(heldBytes: number, limitBytes: number) {
    super(`the buffer holds ${heldBytes} of ${limitBytes} bytes; it empties as the store catches up`);
    this.name = 'BufferFullError';
  }
}

/** The disk did not take the write (full, read-only, failing). */
export class BufferDiskError extends Error {
  constructor(cause: unknown) {
    super(`the buffer's disk refused a write: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'BufferDiskError';
  }
}

/** The service is stopping. */
export class BufferClosedError extends Error {
  constructor() {
    super('the service is stopping');
    this.name = 'BufferClosedError';
  }
}
