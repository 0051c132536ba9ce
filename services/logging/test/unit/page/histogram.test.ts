import { describe, expect, it } from 'vitest';
import type { HistogramAnswer } from '../../../web/api/answers.ts';
import { type Brush, begin, extend, NO_BRUSH, press, runOf } from '../../../web/model/brush.ts';
import { barsOf, endsOf, runText, totalsOf, totalsText } from '../../../web/model/histogram.ts';

const COUNT = 20;
const pressed = (brush: Brush, key: string, hasShift = false): Brush => {
  const next = press(brush, key, hasShift, COUNT);
  if (next === undefined || next === 'apply') throw new Error(`${key} gave ${next}`);
  return next;
};

describe('the brush', () => {
  it('chooses from where the pointer went down to where it is, in both directions', () => {
    const down = begin(7, COUNT);
    expect(runOf(down)).toEqual({ from: 7, to: 7 });
    expect(runOf(extend(down, 3, COUNT))).toEqual({ from: 3, to: 7 });
    expect(runOf(extend(down, 9, COUNT))).toEqual({ from: 7, to: 9 });
  });

  it('stays among the bars', () => {
    expect(begin(-3, COUNT).cursor).toBe(0);
    expect(extend(begin(5, COUNT), 99, COUNT).cursor).toBe(19);
  });

  it('moves by keys and chooses with Shift', () => {
    const moved = pressed(pressed(pressed(NO_BRUSH, 'PageUp'), 'ArrowLeft'), 'ArrowRight');
    expect(moved).toEqual({ cursor: 10, anchor: undefined });
    const chosen = pressed(pressed(moved, 'ArrowRight', true), 'End', true);
    expect(runOf(chosen)).toEqual({ from: 10, to: 19 });
    expect(pressed(chosen, 'Home')).toEqual({ cursor: 0, anchor: undefined });
  });

  it('lets go with Escape, and leaves the keys that it does not know to the page', () => {
    expect(pressed({ cursor: 4, anchor: 2 }, 'Escape')).toEqual({ cursor: 4, anchor: undefined });
    expect(press(NO_BRUSH, 'Escape', false, COUNT)).toBeUndefined();
    expect(press(NO_BRUSH, 'Tab', true, COUNT)).toBeUndefined();
    expect(press(NO_BRUSH, 'ArrowLeft', false, 0)).toBeUndefined();
    expect(press(NO_BRUSH, 'Enter', false, COUNT)).toBe('apply');
  });
});

describe('the histogram', () => {
  const bucket = (from: string, events: number, warnings: number, errors: number) => ({
    from,
    events,
    warnings,
    errors,
    requests: 0,
    server_errors: 0,
    duration_ms: null,
  });
  const answer: HistogramAnswer = {
    since: '2026-01-01T12:00:00.000000Z',
    until: '2026-01-01T12:01:30.000000Z',
    bucket_seconds: 30,
    buckets: [
      bucket('2026-01-01T12:00:00.000000Z', 2000, 3, 1),
      bucket('2026-01-01T12:00:30.000000Z', 0, 0, 0),
      bucket('2026-01-01T12:01:00.000000Z', 1, 0, 1),
    ],
  };
  const bars = barsOf(answer);

  it('lays errors over warnings over all events', () => {
    expect([bars.all, bars.notable, bars.errors]).toEqual([
      [2000, 0, 1],
      [4, 0, 1],
      [1, 0, 1],
    ]);
  });

  it('gives the exact ends of a run', () => {
    const noon = Date.UTC(2026, 0, 1, 12);
    expect(endsOf(bars, 0, 2)).toEqual([noon, noon + 90_000]);
    expect(endsOf(bars, 1, 1)).toEqual([noon + 30_000, noon + 60_000]);
  });

  it('says in words what it shows', () => {
    expect(totalsText(totalsOf(bars))).toBe('2,001 events, 3 warnings, 2 errors');
    expect(runText(bars, 1, 2)).toMatch(/:30 – .*:30: 1 event, 1 error$/);
  });
});
