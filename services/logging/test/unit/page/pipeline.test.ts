import { describe, expect, it } from 'vitest';
import type { PipelineDocument } from '../../../web/api/answers.ts';
import { booksOf, healthOf, missing } from '../../../web/model/pipeline.ts';

const pipeline = (differs: Partial<PipelineDocument> = {}): PipelineDocument => ({
  accepted: 15,
  stored: 5,
  duplicates: 4,
  buffered: 3,
  dead_lettered: 2,
  quarantined: 1,
  accepted_by_source: {},
  expired: 0,
  buffered_bytes: 0,
  buffer_limit_bytes: 1,
  oldest_unstored_seconds: 0,
  store_bytes: 0,
  health: { disk: 'ok', store: 'no space left', buffer: 'ok' },
  elasticsearch: null,
  files: [],
  ...differs,
});

describe('the pipeline', () => {
  it('balances its books over everything that may become of an event', () => {
    expect(booksOf(pipeline()).map(({ events }) => events)).toEqual([5, 4, 3, 2, 1]);
    expect(missing(pipeline())).toBe(0);
    expect(missing(pipeline({ accepted: 17 }))).toBe(2);
  });

  it('shows first what is not well', () => {
    expect(healthOf(pipeline())).toEqual([
      { name: 'store', reason: 'no space left' },
      { name: 'disk', reason: undefined },
      { name: 'buffer', reason: undefined },
    ]);
  });
});
