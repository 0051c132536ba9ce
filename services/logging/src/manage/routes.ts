/** Administration: the pipeline's state, retention, and the description of the whole API. */
import { z } from 'zod';
import { COOKIE } from '../access/guard.ts';
import type { Api, Endpoint } from '../api/endpoint.ts';
import { openApi } from '../api/openapi.ts';
import type { RetentionLimits } from '../store/retention.ts';
import { MAX_AGE_MS, MAX_BYTES, MIN_AGE_MS, MIN_BYTES } from '../store/retention-bounds.ts';
import type { RetentionSettings } from '../store/retention-settings.ts';

export const sinkDocument = z.strictObject({
  delivered: z.int(),
  duplicates: z.int().describe('Elasticsearch had them already.'),
  dead_lettered: z.int(),
  expired: z.int().describe('Removed by retention before they could be sent.'),
  pending: z.int(),
});

export const pipelineDocument = z.strictObject({
  accepted: z.int().describe('Acknowledged since the data directory began: the sum of the next five.'),
  stored: z.int(),
  duplicates: z.int(),
  dead_lettered: z.int(),
  quarantined: z.int(),
  buffered: z.int(),
  accepted_by_source: z.record(z.string(), z.int()),
  expired: z.int().describe('Of the stored ones, removed by retention.'),
  buffered_bytes: z.int(),
  buffer_limit_bytes: z.int(),
  oldest_unstored_seconds: z.number(),
  store_bytes: z.int(),
  health: z.record(z.string(), z.string()).describe('"ok", or what is wrong, for each part.'),
  elasticsearch: sinkDocument.nullable().describe('null where none is configured.'),
  files: z.array(
    z.strictObject({ path: z.string(), position: z.int(), size: z.int(), truncations: z.int() }),
  ),
});

const limitsDocument = z.strictObject({ max_age_seconds: z.number(), max_bytes: z.int() });

export const retentionDocument = limitsDocument.extend({
  is_changed: z.boolean().describe('False while the configuration decides.'),
  configured: limitsDocument.describe('What the configuration says, also while it does not decide.'),
});

const PIPELINE: Endpoint = {
  method: 'GET',
  path: '/api/v1/pipeline',
  summary: 'What was accepted, stored, buffered and set aside; followed files; health',
  answer: pipelineDocument,
};
const SHOW_RETENTION: Endpoint = {
  method: 'GET',
  path: '/api/v1/settings/retention',
  summary: 'How long and how much is kept',
  answer: retentionDocument,
};
const retentionChange = z.strictObject({
  max_age_seconds: z
    .int()
    .min(MIN_AGE_MS / 1000)
    .max(MAX_AGE_MS / 1000),
  max_bytes: z.int().min(MIN_BYTES).max(MAX_BYTES),
});
const CHANGE_RETENTION: Endpoint<undefined, typeof retentionChange> = {
  method: 'PUT',
  path: '/api/v1/settings/retention',
  summary: 'Keep longer or shorter, more or less; holds over restarts',
  body: retentionChange,
  answer: retentionDocument,
};
const RESET_RETENTION: Endpoint = {
  method: 'DELETE',
  path: '/api/v1/settings/retention',
  summary: 'Let the configuration decide again',
  answer: retentionDocument,
};
const DESCRIPTION: Endpoint = {
  method: 'GET',
  path: '/api/v1/openapi.json',
  summary: 'This description',
  answer: z.looseObject({ openapi: z.string() }),
};

export interface ManageParts {
  readonly retention: RetentionSettings;
  readonly pipeline: () => Promise<z.output<typeof pipelineDocument>>;
}

export function registerManagement(api: Api, { retention, pipeline }: ManageParts): void {
  const limitsShown = ({ maxAgeMs, maxBytes }: RetentionLimits): z.output<typeof limitsDocument> => ({
    max_age_seconds: maxAgeMs / 1000,
    max_bytes: maxBytes,
  });
  const shown = (): z.output<typeof retentionDocument> => ({
    ...limitsShown(retention.limits),
    is_changed: retention.isChanged,
    configured: limitsShown(retention.configured),
  });

  api.add(PIPELINE, async () => pipeline());
  api.add(SHOW_RETENTION, async () => shown());
  api.add(CHANGE_RETENTION, async ({ body }) => {
    await retention.change({ maxAgeMs: body.max_age_seconds * 1000, maxBytes: body.max_bytes });
    return shown();
  });
  api.add(RESET_RETENTION, async () => {
    await retention.reset();
    return shown();
  });
  api.add(DESCRIPTION, async () => openApi(api.endpoints, COOKIE));
}
