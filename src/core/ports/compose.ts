/** The calls of the Compose plugin that we make. */
export interface Compose {
  /** `2.26.1`. @throws ApictlError COMPOSE_MISSING or COMPOSE_TOO_OLD, exit code 5. */
  version(): Promise<string>;
  run(
    target: ComposeTarget,
    argv: readonly string[],
    options?: ComposeRunOptions,
  ): Promise<{ stdout: string; stderr: string }>;
}

export interface ComposeTarget {
  readonly project: string;
  /** Absolute paths, the first is the rendered file. */
  readonly files: readonly string[];
  /** Where relative paths of the files start. */
  readonly folder: string;
}

export interface ComposeRunOptions {
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** A file descriptor the child inherits as its third: the project's lock lives as long as the child does. */
  readonly lockFd?: number | undefined;
}
