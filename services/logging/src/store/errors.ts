/** What the store can say about a failure, read from the engine's own words. */

/** Another process has the store open. */
export class StoreLockedError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} is in use by another process; two logging services cannot share one data directory`, {
      cause,
    });
    this.name = 'StoreLockedError';
  }
}

/** The store was written by a newer version of this service. */
export class StoreTooNewError extends Error {
  constructor(path: string, version: number) {
    super(`${path} has schema version ${version}, newer than this service understands`);
    this.name = 'StoreTooNewError';
  }
}

/** The store became unreadable while the service ran; positions and books have to be read anew, by a restart. */
export class StoreReplacedError extends Error {
  constructor(setAside: string) {
    super(`the store became unreadable and was moved to ${setAside}; the service has to start again`);
    this.name = 'StoreReplacedError';
  }
}

/** The thread of the store is gone; only a restart brings it back. */
export class StoreCrashedError extends Error {
  constructor(why: string) {
    super(`the store has crashed: ${why}`);
    this.name = 'StoreCrashedError';
  }
}

/** A query ran longer than it may. */
export class QueryTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`the query took longer than ${timeoutMs / 1000} s; narrow the time range`);
    this.name = 'QueryTimeoutError';
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isLockConflict(error: unknown): boolean {
  return /could not set lock|conflicting lock/i.test(textOf(error));
}

/** The engine gave up on the open database, or an earlier try to open it again failed half-way; only opening it again helps. */
export function isInvalidated(error: unknown): boolean {
  return /FATAL Error|database has been invalidated|Connection Error|connection (?:closed|disconnected)|instance closed/i.test(
    textOf(error),
  );
}

/** Only another process helps. */
export function isFatal(error: unknown): boolean {
  return error instanceof StoreReplacedError || error instanceof StoreCrashedError;
}

/** Trouble with the machine rather than with the data: trying again later is right, looking for a culprit is not. */
export function isEnvironmental(error: unknown): boolean {
  return (
    isInvalidated(error) ||
    /IO Error|Out of Memory|No space left|INTERRUPT|TransactionContext/i.test(textOf(error))
  );
}

/** The file itself cannot be read as a database. */
export function isCorrupt(error: unknown): boolean {
  const text = textOf(error);
  return (
    !isLockConflict(error) &&
    !/Permission denied|No space left|Read-only file system|Cannot open file/i.test(text) &&
    /corrupt|checksum|not a valid DuckDB|Serialization Error|Failure while replaying WAL|INTERNAL Error|Could not read|different version/i.test(
      text,
    )
  );
}
