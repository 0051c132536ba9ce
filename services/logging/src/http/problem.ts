/** Every refusal over HTTP: a status, a code for programs, a sentence for people, and what to do next. */

export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  /** The line of the body at fault, counted from 1. */
  readonly line: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly hint?: string; readonly line?: number; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.hint = more.hint;
    this.line = more.line;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  toJSON(): object {
    const { code, message, hint, line } = this;
    return {
      error: {
        code,
        message,
        ...(line === undefined ? {} : { line }),
        ...(hint === undefined ? {} : { hint }),
      },
    };
  }
}

export const bodyTooLarge = (): HttpProblem =>
  new HttpProblem(413, 'BODY_TOO_LARGE', 'the body is larger than allowed');
