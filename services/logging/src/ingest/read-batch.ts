/** The body of a batch -> records. NDJSON, one object, or an array of objects. */
import { isObject } from '../event/fields.ts';
import { parseJson } from '../event/json.ts';
import type { JsonObject } from '../event/model.ts';

/** The body cannot be read; nothing of it was taken. */
export class BadBatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadBatchError';
  }
}

/** @throws BadBatchError naming the line */
export function readBatch(body: string): JsonObject[] {
  const text = body.trim();
  if (text === '') throw new BadBatchError('the body is empty');
  if (text.startsWith('[')) return readArray(text);
  const lines = text.split('\n').map((line) => line.trim());
  // One object may be written over several lines.
  if (lines.length > 1) {
    const whole = tryObject(text);
    if (whole !== undefined) return [whole];
  }
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const record = tryObject(line);
    if (record === undefined) throw new BadBatchError(`line ${index + 1} is not a JSON object`);
    return [record];
  });
}

function readArray(text: string): JsonObject[] {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    throw new BadBatchError('the body begins with "[" and is not valid JSON');
  }
  return (parsed as unknown[]).map((item, index) => {
    if (!isObject(item)) throw new BadBatchError(`element ${index + 1} is not an object`);
    return item;
  });
}

function tryObject(text: string): JsonObject | undefined {
  try {
    const parsed = parseJson(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
