/** Severity, from the most to the least talkative; names as OpenTelemetry has them. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

const SYNONYMS: Readonly<Record<string, Level>> = {
  notice: 'info',
  log: 'info',
  warning: 'warn',
  err: 'error',
  crit: 'fatal',
  critical: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  panic: 'fatal',
};

/** Where services write their level: JSON `"level":"..."`, logfmt `level=...`, nginx and Kong `[error]`, PostgreSQL `ERROR:`. */
const PATTERNS: readonly RegExp[] = [
  /"(?:level|severity|levelname)"\s*:\s*"(\w+)"/i,
  /\blevel=(\w+)/i,
  /\[(trace|debug|info|notice|warn|warning|err|error|crit|alert|emerg)\]/i,
  /\b(DEBUG|INFO|LOG|NOTICE|WARNING|ERROR|FATAL|PANIC):/,
];

/** The level of a line; undefined where it says none. */
export function levelOf(text: string): Level | undefined {
  for (const pattern of PATTERNS) {
    const word = pattern.exec(text)?.[1]?.toLowerCase();
    if (word === undefined) continue;
    const level = SYNONYMS[word] ?? LEVELS.find((candidate) => candidate === word);
    if (level !== undefined) return level;
  }
  return undefined;
}

/** Whether a line is at least as severe. A line without a level passes only where everything does. */
export function isAtLeast(text: string, least: Level): boolean {
  const level = levelOf(text);
  return level === undefined ? least === 'trace' : LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
