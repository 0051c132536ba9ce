import { describe, expect, it } from 'vitest';
import { momentOf, timestampOf } from '../../../src/logs/time.ts';

describe('a moment', () => {
  it.each([
    ['10m', 1_000_000 - 600_000],
    ['1m30s', 1_000_000 - 90_000],
    ['1970-01-01T00:00:05Z', 5_000],
  ])('%s', (text, ms) => {
    expect(momentOf('--since', text, 1_000_000)).toBe(ms);
  });

  it('keeps the nanoseconds of a line’s own time', () => {
    expect(timestampOf('--since', '2026-11-26T08:00:00.123456789Z', 0)).toBe(
      '2026-11-26T08:00:00.123456789Z',
    );
    expect(timestampOf('--since', '2026-11-26T10:00:00.1234567+02:00', 0)).toBe(
      '2026-11-26T08:00:00.123456700Z',
    );
  });

  it.each(['yesterday-ish', '10', '-5m', '99999999999999999999d', '2026-02-30', '2026-06-31T00:00:00Z'])(
    '%s is a usage error',
    (text) => {
      expect(() => timestampOf('--since', text, 0)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID', exitCode: 64 }),
      );
    },
  );
});
