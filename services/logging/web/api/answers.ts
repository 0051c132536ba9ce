/** What the service answers, as the schemas that validate and describe it say. */
import type { z } from 'zod';
import type { sessionSchema } from '../../src/access/routes.ts';
import type { deadLettersAnswer, replayAnswer } from '../../src/manage/dead-letters.ts';
import type { pipelineDocument, retentionDocument } from '../../src/manage/routes.ts';
import type {
  alertsAnswer,
  histogramAnswer,
  messagesAnswer,
  searchAnswer,
  statsAnswer,
  valuesAnswer,
} from '../../src/query/answers.ts';

export type Session = z.output<typeof sessionSchema>;
export type SearchAnswer = z.output<typeof searchAnswer>;
export type EventDocument = SearchAnswer['events'][number];
export type HistogramAnswer = z.output<typeof histogramAnswer>;
export type Bucket = HistogramAnswer['buckets'][number];
export type ValuesAnswer = z.output<typeof valuesAnswer>;
export type StatsAnswer = z.output<typeof statsAnswer>;
export type RouteDocument = StatsAnswer['routes'][number];
export type MessagesAnswer = z.output<typeof messagesAnswer>;
export type AlertsAnswer = z.output<typeof alertsAnswer>;
export type AlertDocument = AlertsAnswer['alerts'][number];
export type PipelineDocument = z.output<typeof pipelineDocument>;
export type RetentionDocument = z.output<typeof retentionDocument>;
export type DeadLettersAnswer = z.output<typeof deadLettersAnswer>;
export type ReplayAnswer = z.output<typeof replayAnswer>;
