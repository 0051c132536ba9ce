/** Level names of common loggers -> OpenTelemetry severity numbers. */

export interface Severity {
  readonly text: string | null;
  readonly number: number;
}

const NUMBER_BY_NAME: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  trace: 1,
  verbose: 1,
  debug: 5,
  info: 9,
  information: 9,
  informational: 9,
  none: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  err: 17,
  error: 17,
  severe: 17,
  crit: 21,
  critical: 21,
  alert: 21,
  emerg: 21,
  emergency: 21,
  fatal: 21,
  panic: 21,
});

// Python's logging module counts in tens; so do the loggers that numbered their levels after it.
const NUMBER_BY_TENS: Readonly<Record<number, number>> = { 10: 5, 20: 9, 30: 13, 40: 17, 50: 21, 60: 21 };

/** The name OpenTelemetry gives to a severity number. */
export function severityName(number: number): string | null {
  if (number <= 0) return null;
  return (
    ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][Math.min(5, Math.floor((number - 1) / 4))] ?? null
  );
}

/** The lowest severity number of a level name, undefined when the name is unknown. */
export function severityNumber(name: string): number | undefined {
  return NUMBER_BY_NAME[name.trim().toLowerCase()];
}

/** Reads whatever a record calls its level; unknown levels stay unspecified instead of being guessed. */
export function parseSeverity(value: unknown): Severity {
  const number =
    typeof value === 'string'
      ? severityNumber(value)
      : typeof value === 'number'
        ? NUMBER_BY_TENS[value]
        : undefined;
  return number === undefined ? { text: null, number: 0 } : { text: severityName(number), number };
}

/** An HTTP status speaks for itself: 5xx is an error, 4xx a warning. */
export function severityOfStatus(status: number | null): Severity {
  const number = status === null ? 0 : status >= 500 ? 17 : status >= 400 ? 13 : 9;
  return { text: severityName(number), number };
}
