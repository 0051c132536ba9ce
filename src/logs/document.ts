import * as z from 'zod';
import type { LogLine } from '../core/ports/engine.ts';
import { LEVELS } from './level.ts';
import { parseLine } from './parse.ts';

/** A line of `apictl logs --json`. */
export const logDocumentSchema = z.strictObject({
  time: z.string().describe('when the engine took the line: RFC 3339 in UTC with nanoseconds'),
  service: z.string(),
  container: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  level: z.enum(LEVELS).nullable().describe('null where the line says none'),
  message: z.string().describe('what the line says; the whole line where its format is not known'),
  requestId: z.string().nullable(),
  fields: z.record(z.string(), z.string()).describe('what else the line says, by name'),
  text: z.string().describe('the line as written'),
});
export type LogDocument = z.output<typeof logDocumentSchema>;

export function logDocument({ timestamp, service, container, stream, text }: LogLine): LogDocument {
  const { level, message, requestId, fields } = parseLine(text);
  return { time: timestamp, service, container, stream, level, message, requestId, fields, text };
}
