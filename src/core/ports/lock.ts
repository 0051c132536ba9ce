/** The right to change one project: held by one process and by the Compose children it hands it to. */
export interface Lock {
  /**
   * Takes the project's lock, waiting up to `waitMs`.
   * @throws ApictlError LOCKED (11) that names the holder.
   */
  take(request: LockRequest): Promise<HeldLock>;
}

export interface LockRequest {
  /** Absolute path; the file is made and never removed. */
  readonly path: string;
  /** The command of this process, shown to whoever waits, as `up`. */
  readonly command: string;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

export interface HeldLock {
  /** For children that go on with the work if this process is killed. */
  readonly fd: number;
  release(): void;
}
