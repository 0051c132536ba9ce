import { jsonLine } from './formats/json-line.ts';
import { logfmt } from './formats/logfmt.ts';
import { nginxAccess, nginxError } from './formats/nginx.ts';
import { plainText } from './formats/plain-text.ts';
import { postgres } from './formats/postgres.ts';
import type { LogRecord, Recogniser } from './record.ts';

/** The formats of our services, each with a beginning of its own, so that the order does not matter. */
const RECOGNISERS: readonly Recogniser[] = [jsonLine, logfmt, postgres, nginxError, nginxAccess];

/** Longer lines are text to us: reading them as a record costs more than anybody gains. */
const LONGEST_RECORD = 256 * 1024;

/** What a line says. Every line has a reading; one of no known format is plain text. */
export function parseLine(text: string): LogRecord {
  if (text.length <= LONGEST_RECORD) {
    for (const recognise of RECOGNISERS) {
      const found = recognise(text);
      if (found !== null) return found;
    }
  }
  return plainText(text);
}
