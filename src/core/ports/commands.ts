/** Programs of the machine, run without a shell, without standard input, with bounded memory. */
export interface Commands {
  /**
   * Runs a program to its end; an exit code other than 0 is an answer, not a failure.
   * @throws ApictlError COMMAND_MISSING or COMMAND_FORBIDDEN (exit 5); the signal's reason where it aborted
   */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /**
   * Starts a program whose standard output is a stream of bytes. The stream ends only after an exit code of 0; any other
   * end destroys it with the failure, so that nobody takes half an output for a whole one.
   * Destroying the stream ends the program.
   */
  stream(argv: readonly string[], options?: CommandStreamOptions): NodeJS.ReadableStream;
}

export interface CommandOptions {
  /** Added to the environment of apictl itself. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Every line of standard error, and of standard output where that is no stream. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface CommandStreamOptions extends CommandOptions {
  /** The failure to destroy the stream with, made of the exit code and the last lines of standard error. */
  readonly failure: (exitCode: number | undefined, lastLines: readonly string[]) => Error;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
