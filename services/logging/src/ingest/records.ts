/** A body -> records; one bad line refuses the whole batch, so that senders can repeat it as it was. */
import { isObject } from '../event/fields.ts';
import { parseJson } from '../event/json.ts';
import type { JsonObject } from '../event/model.ts';
import { isPlain, type ReceivedRecord } from '../event/take.ts';
import { HttpProblem } from '../http/problem.ts';
import { textOfBody } from './body.ts';

/** A record and the line (or array element) it came from, counted from 1. */
export interface NumberedRecord extends ReceivedRecord {
  readonly line: number;
}

function reason(error: unknown): string {
  return error instanceof RangeError ? 'it is nested too deeply' : 'it is not valid JSON';
}

function requireObject(value: unknown, line: number, unit: string): NumberedRecord {
  if (isObject(value)) return { line, record: value };
  throw new HttpProblem(
    400,
    'NOT_AN_OBJECT',
    `${unit} ${line} is not a JSON object; nothing of the batch was taken`,
    {
      line,
    },
  );
}

/** One at a time, so that no record outlives its turn. @throws HttpProblem 400 with the line, 413 for a line that is too long */
export function* recordsFromLines(body: Buffer, maxLineBytes: number): Generator<NumberedRecord> {
  const text = textOfBody(body);
  // Where each character is one byte, which nearly all batches are, a line's bytes are known by its place.
  const isOneByte = text.length === body.length;
  const isAllPlain = isPlain(text);
  let line = 0;
  let next = 0;
  for (const raw of text.split('\n')) {
    line += 1;
    const from = next;
    next += raw.length + 1;
    if (raw.length > maxLineBytes) {
      throw new HttpProblem(413, 'LINE_TOO_LONG', `line ${line} is longer than ${maxLineBytes} bytes`, {
        line,
      });
    }
    if (raw.trim() === '') continue;
    let value: unknown;
    try {
      value = isAllPlain ? JSON.parse(raw) : parseJson(raw);
    } catch (error) {
      throw new HttpProblem(
        400,
        'BAD_JSON',
        `line ${line}: ${reason(error)}; nothing of the batch was taken`,
        { line },
      );
    }
    const { record } = requireObject(value, line, 'line');
    yield isOneByte
      ? { line, record, text: raw, isPlain: isAllPlain, bytes: body.subarray(from, from + raw.length) }
      : { line, record, text: raw, isPlain: isAllPlain };
  }
}

/** Where a syntax error stands: V8 names the position, from which the line is counted. */
function lineOfError(text: string, error: unknown): number {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return position === undefined
    ? text.split('\n').length
    : text.slice(0, Number(position)).split('\n').length;
}

/** @throws HttpProblem 400 with the line */
export function parseDocument(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const line = lineOfError(text, error);
    throw new HttpProblem(400, 'BAD_JSON', `line ${line}: ${reason(error)}; nothing of the batch was taken`, {
      line,
    });
  }
}

/** One object or an array of objects. @throws HttpProblem 400, 413 */
export function recordsFromDocument(text: string, maxLineBytes: number): NumberedRecord[] {
  const value = parseDocument(text);
  const records = (Array.isArray(value) ? value : [value]).map((item: unknown, index) =>
    requireObject(item, index + 1, 'element'),
  );
  // Elements of an array are measured only where they could be too long.
  if (text.length <= maxLineBytes) return records;
  for (const { line, record } of records) {
    if (sizeOf(record) > maxLineBytes) {
      throw new HttpProblem(413, 'LINE_TOO_LONG', `element ${line} is longer than ${maxLineBytes} bytes`, {
        line,
      });
    }
  }
  return records;
}

function sizeOf(record: JsonObject): number {
  try {
    return JSON.stringify(record).length;
  } catch {
    // Too deep to print: the masker refuses it with a better message.
    return 0;
  }
}
