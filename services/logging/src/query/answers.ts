/** The answers of the query API as a whole; what is in them is in documents.ts. */
import { z } from 'zod';
import {
  alertDocument,
  eventDocument,
  histogramBucket,
  messageDocument,
  routeDocument,
  sourceDocument,
} from './documents.ts';

const between = { since: z.string(), until: z.string() };

export const searchAnswer = z.strictObject({
  events: z.array(eventDocument),
  next_cursor: z.string().nullable(),
});
export const histogramAnswer = z.strictObject({
  ...between,
  bucket_seconds: z.number(),
  buckets: z.array(histogramBucket),
});
export const valuesAnswer = z.strictObject({
  values: z.array(z.strictObject({ value: z.string(), events: z.int() })),
});
export const statsAnswer = z.strictObject({
  ...between,
  routes: z.array(routeDocument),
  sources: z.array(sourceDocument),
});
export const messagesAnswer = z.strictObject({ ...between, messages: z.array(messageDocument) });
export const alertsAnswer = z.strictObject({ alerts: z.array(alertDocument) });
