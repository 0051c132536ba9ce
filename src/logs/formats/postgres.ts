import { levelOfWord } from '../level.ts';
import { type Recogniser, record } from '../record.ts';

/** PostgreSQL's default `log_line_prefix` is time and process; ours and Debian's may add `user@database`. */
const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* \S+ \[(\d+)\](?: \S+)? ([A-Z]+)\d?: +(.*)$/s;
/** What these say belongs to the line before. */
const CONTINUING: ReadonlySet<string> = new Set([
  'DETAIL',
  'HINT',
  'STATEMENT',
  'CONTEXT',
  'QUERY',
  'LOCATION',
]);

export const postgres: Recogniser = (text) => {
  const [, pid, word = '', message = ''] = LINE.exec(text) ?? [];
  if (pid === undefined) return null;
  if (CONTINUING.has(word)) return record({ message: `${word}: ${message}`, isContinuation: true });
  const level = levelOfWord(word);
  return level === null ? null : record({ level, message, fields: { pid } });
};
