/** Why the service did not answer what was asked. */

export class Problem extends Error {
  /** 0 where no answer came at all. */
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly hint?: string | undefined; readonly retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.hint = more.hint;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

function textIn(document: unknown, name: string): string | undefined {
  const error = (document as { readonly error?: Readonly<Record<string, unknown>> } | null)?.error;
  const value = error?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** @param document the body, whatever stands in front of the service made of it */
export function problemOf(status: number, document: unknown, retryAfter: string | null): Problem {
  const seconds = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  return new Problem(
    status,
    textIn(document, 'code') ?? 'UNKNOWN',
    textIn(document, 'message') ?? `the service answered ${status}`,
    { hint: textIn(document, 'hint'), retryAfterSeconds: seconds },
  );
}
