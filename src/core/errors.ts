/**
 * The words and numbers of failure. Every expected failure is an `ApictlError`: a code for programs, an
 * exit code for shells, an object it happened to, and the next thing to type. Anything else is a bug.
 */

/** The exit codes of the command line, as documented in docs/exit-codes.md. */
export const EXIT = {
  ok: 0,
  bug: 1,
  different: 2,
  partial: 3,
  unhealthy: 4,
  engine: 5,
  kong: 6,
  secrets: 7,
  machine: 8,
  locked: 11,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ErrorFacts {
  /** Stable identifier for programs, as `PORT_HELD`. */
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly message: string;
  /** What it happened to, as `port 8000` or `service kong`. */
  readonly object?: string | undefined;
  /** The next thing to do, one sentence, with the command to type where there is one. */
  readonly hint?: string | undefined;
  /** Evidence shown below the message: log lines, the list of problems. */
  readonly details?: readonly string[] | undefined;
  readonly cause?: unknown;
}

export class ApictlError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly object: string | undefined;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'ApictlError';
    this.code = facts.code;
    this.exitCode = facts.exitCode;
    this.object = facts.object;
    this.hint = facts.hint;
    this.details = facts.details ?? [];
  }

  /** The error document of `--json` (docs/commands.md). */
  toJSON(): { error: Record<string, unknown> } {
    return {
      error: {
        code: this.code,
        exitCode: this.exitCode,
        message: this.message,
        ...(this.object === undefined ? {} : { object: this.object }),
        ...(this.hint === undefined ? {} : { hint: this.hint }),
        ...(this.details.length === 0 ? {} : { details: this.details }),
      },
    };
  }
}

/** The text of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** The system's error code (`ENOENT`, `ECONNREFUSED`) of anything that was thrown, also through one `cause`. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const code = (thrown as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  const cause = (thrown as { cause?: unknown }).cause;
  return cause === undefined || cause === thrown ? undefined : systemCodeOf(cause);
}
