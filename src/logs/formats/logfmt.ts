import { levelOfWord } from '../level.ts';
import { type Recogniser, record } from '../record.ts';
import { REQUEST_ID_NAMES } from './values.ts';

const BEGINNING = /^(?:time|ts|t|level|logger)=/;
/** A name and its value, quoted as Go quotes. Each character is looked at once. */
const PAIR = /([\w.-]+)=("(?:[^"\\]|\\.)*"|\S*)/g;
const TIMES: ReadonlySet<string> = new Set(['time', 'ts', 't']);

/** `time=... level=INFO msg="..." name=value`: Prometheus, Alertmanager, the exporters, Grafana. */
export const logfmt: Recogniser = (text) => {
  if (!BEGINNING.test(text)) return null;
  const fields: Record<string, string> = {};
  let level: string | undefined;
  let message: string | undefined;
  let requestId: string | undefined;
  for (const [, name = '', raw = ''] of text.matchAll(PAIR)) {
    const value = raw.startsWith('"') ? unquoted(raw) : raw;
    if (name === 'level' || name === 'lvl') level = value;
    else if (name === 'msg' || name === 'message') message = value;
    else if ((REQUEST_ID_NAMES as readonly string[]).includes(name)) requestId = value;
    else if (!TIMES.has(name)) fields[name] = value;
  }
  if (level === undefined && message === undefined) return null;
  return record({
    level: level === undefined ? null : levelOfWord(level),
    message: message ?? '',
    requestId: requestId ?? null,
    fields,
  });
};

function unquoted(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    // Go also writes \x00 and \a, which JSON does not know: shown as written.
    return raw.slice(1, -1);
  }
}
