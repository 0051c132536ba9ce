/** Severity, from the most to the least talkative; names as OpenTelemetry has them. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

/** The words of the loggers in this stack. */
const WORDS = new Map<string, Level>([
  ...LEVELS.map((level) => [level, level] as const),
  ['verbose', 'trace'],
  ['notice', 'info'],
  ['log', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['severe', 'error'],
  ['crit', 'fatal'],
  ['critical', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['panic', 'fatal'],
]);

/** The level that a word means, in whatever case; null for any other word. */
export const levelOfWord = (word: string): Level | null => WORDS.get(word.trim().toLowerCase()) ?? null;

/** An HTTP status speaks for itself: 5xx is an error, 4xx a warning. */
export const levelOfStatus = (status: number): Level | null =>
  status >= 500 ? 'error' : status >= 400 ? 'warn' : status >= 100 ? 'info' : null;

/** Whether a level is at least as severe. No level passes only where everything does. */
export const isAtLeast = (level: Level | null, least: Level): boolean =>
  level === null ? least === 'trace' : LEVELS.indexOf(level) >= LEVELS.indexOf(least);
