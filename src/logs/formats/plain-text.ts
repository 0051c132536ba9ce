import { levelOfWord } from '../level.ts';
import { type LogRecord, record } from '../record.ts';

/** A level is said near a line's beginning; a word further on is only part of the text. */
const LOOKED_AT = 200;

/** `[2026-11-23T10:00:00,123][INFO ][plugins] text` of Kibana and Logstash, `[time] [7] [INFO] text` of gunicorn. */
const BRACKETS =
  /\[ *(trace|debug|verbose|info|notice|warn|warning|err|error|crit|critical|alert|emerg|fatal) *\]/i;
/** `ERROR: text`, `panic: text`, `error: text`. */
const COLON =
  /(?:^|\s)(TRACE|DEBUG|INFO|LOG|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL|PANIC|[Ww]arning|[Ee]rror|fatal|panic):(?:\s|$)/;

/** Every other line: its text, and its level where it is written as people do. */
export function plainText(text: string): LogRecord {
  const beginning = text.slice(0, LOOKED_AT);
  const word = BRACKETS.exec(beginning)?.[1] ?? COLON.exec(beginning)?.[1];
  return record({ level: word === undefined ? null : levelOfWord(word), message: text });
}
