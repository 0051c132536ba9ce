/** A line's bytes -> what the buffer carries, whatever the bytes are. */
import { isUtf8 } from 'node:buffer';
import { isObject } from '../event/fields.ts';
import { parseJson } from '../event/json.ts';
import type { Intake, JsonObject } from '../event/model.ts';
import { type LineOrigin, takeRecordLine, takeTextLine } from '../event/take.ts';
import { type Masker, TooDeepError } from '../mask/mask.ts';
import type { Line } from './lines.ts';

export interface LineEvent {
  readonly intake: Intake;
  /** Why the line was kept as text; undefined for a good record. */
  readonly oddity: string | undefined;
}

function recordOf(text: string): JsonObject | string {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : 'not a JSON object';
  } catch (error) {
    return error instanceof RangeError ? 'nested too deeply' : 'not JSON';
  }
}

/** undefined for blank lines. A hole of NUL bytes, left by truncation under a writer, is not part of the line. */
export function eventFromLine(
  line: Line,
  origin: LineOrigin,
  isUnterminated: boolean,
  masker: Masker,
): LineEvent | undefined {
  let start = 0;
  while (start < line.bytes.length && line.bytes[start] === 0) start += 1;
  const bytes = line.bytes.subarray(start);
  const decoded = bytes.toString('utf8');
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded;
  if (text.trim() === '') return undefined;

  const notes: JsonObject = {};
  if (line.fullBytes > line.bytes.length) notes['log.truncated_from_bytes'] = line.fullBytes;
  if (!isUtf8(bytes)) notes['log.invalid_utf8'] = true;
  if (isUnterminated) notes['log.unterminated'] = true;
  if (start > 0) notes['log.skipped_nul_bytes'] = start;

  const asText = (oddity: string): LineEvent => ({
    intake: takeTextLine(text, { ...notes, 'log.unparsable': oddity }, origin, masker),
    oddity,
  });
  if (line.fullBytes > line.bytes.length) return asText('longer than allowed');
  const record = recordOf(text);
  if (typeof record === 'string') return asText(record);
  try {
    const isPlain = Object.keys(notes).length === 0;
    const received = isPlain ? { record, text } : { record: Object.assign(record, notes) };
    const intake = takeRecordLine(received, origin, masker);
    return { intake, oddity: undefined };
  } catch (error) {
    if (error instanceof TooDeepError) return asText(error.message);
    throw error;
  }
}
