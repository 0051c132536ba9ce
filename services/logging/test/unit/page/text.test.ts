import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../web/api/problem.ts';
import { bytes, counted, milliseconds, percent, seconds, short } from '../../../web/model/format.ts';
import { shortcutOf } from '../../../web/model/shortcuts.ts';
import { ago, eventTime, fullTime, microseconds, stretch, tickLabel } from '../../../web/model/time.ts';

describe('figures', () => {
  it('have as many digits as say something', () => {
    expect([0, 0.1234, 4.256, 42.35, 421.5, 12_345].map(short)).toEqual([
      '0',
      '0.12',
      '4.26',
      '42.4',
      '422',
      '12,345',
    ]);
  });

  it('carry their unit', () => {
    expect([counted(1, 'event'), counted(2000, 'event')]).toEqual(['1 event', '2,000 events']);
    expect([milliseconds(12.34), milliseconds(2500), milliseconds(null)]).toEqual(['12.3 ms', '2.5 s', '–']);
    expect([percent(0), percent(0.0004), percent(0.0512)]).toEqual(['0 %', '< 0.1 %', '5.12 %']);
    expect([bytes(512), bytes(1536), bytes(3 * 2 ** 30)]).toEqual(['512 B', '1.5 KiB', '3 GiB']);
    expect([seconds(90), seconds(600), seconds(7200), seconds(604_800)]).toEqual([
      '90 s',
      '10 min',
      '2 h',
      '7 d',
    ]);
  });
});

describe('times', () => {
  const local = new Date(2026, 0, 2, 3, 4, 5, 67);

  it('are read to the microsecond', () => {
    expect(microseconds('2026-01-01T00:00:00.123456Z') - microseconds('2026-01-01T00:00:00Z')).toBe(123_456);
    expect(microseconds('2026-01-01T01:00:00.5+01:00')).toBe(microseconds('2026-01-01T00:00:00.500000Z'));
    expect(microseconds('soon')).toBeNaN();
  });

  it('leave out the day where it is today', () => {
    expect(eventTime(local.toISOString(), local)).toBe('03:04:05.067');
    expect(eventTime(local.toISOString(), new Date(2026, 0, 3))).toBe('2026-01-02 03:04:05.067');
    expect([fullTime(local.toISOString()), fullTime('never')]).toEqual(['2026-01-02 03:04:05', '']);
  });

  it('say a stretch with the day once where it is the same', () => {
    expect(stretch(local.getTime(), local.getTime() + 5000)).toBe('2026-01-02 03:04:05 – 03:04:10');
    expect(stretch(local.getTime(), local.getTime() + 86_400_000)).toBe(
      '2026-01-02 03:04:05 – 2026-01-03 03:04:05',
    );
  });

  it('are marked on an axis as finely as it is', () => {
    const at = local.getTime() / 1000;
    expect([tickLabel(at, 10), tickLabel(at, 60), tickLabel(at, 86_400)]).toEqual([
      '03:04:05',
      '03:04',
      '01-02',
    ]);
    expect(tickLabel(new Date(2026, 0, 2).getTime() / 1000, 3600)).toBe('01-02');
  });

  it('are told as how long ago', () => {
    const now = local.getTime();
    const before = (ms: number) => ago(new Date(now - ms).toISOString(), now);
    expect([before(0), before(61_000), before(7_200_000), before(3 * 86_400_000)]).toEqual([
      'just now',
      '1 minute ago',
      '2 hours ago',
      '3 days ago',
    ]);
    expect(ago('0001-01-01', Number.NaN)).toBe('');
  });
});

describe('keys', () => {
  it('belong to fields and to the browser first', () => {
    const plain = { hasModifier: false, isInField: false };
    expect(shortcutOf({ ...plain, key: 'j' })).toBe('j');
    expect(shortcutOf({ ...plain, key: 'J' })).toBe('j');
    expect(shortcutOf({ ...plain, key: 'j', isInField: true })).toBeUndefined();
    expect(shortcutOf({ ...plain, key: 'r', hasModifier: true })).toBeUndefined();
    expect(shortcutOf({ ...plain, key: 'toString' })).toBeUndefined();
  });
});

describe('what went wrong', () => {
  it('is told in the words of the service', () => {
    const document = { error: { code: 'BAD_QUERY', message: 'since is no time', hint: 'give one' } };
    expect(problemOf(400, document, null)).toMatchObject({
      code: 'BAD_QUERY',
      message: 'since is no time',
      hint: 'give one',
    });
    expect(problemOf(429, document, '7').retryAfterSeconds).toBe(7);
  });

  it('is told without them where something else answered', () => {
    expect(problemOf(502, null, 'soon')).toMatchObject({
      status: 502,
      message: 'the service answered 502',
      retryAfterSeconds: undefined,
    });
    expect(problemOf(500, { error: 'no object' }, null).code).toBe('UNKNOWN');
  });
});
