import { describe, expect, it } from 'vitest';
import { merged, traceOf } from '../../../web/model/trace.ts';
import { anEvent } from './an-event.ts';

const at = (microseconds: number) => `2026-01-01T12:00:00.${String(microseconds).padStart(6, '0')}Z`;
const gateway = anEvent({
  sequence: 9,
  kind: 'access',
  source: 'kong',
  timestamp: at(1000),
  duration_ms: 100,
});

describe('the trace of a request', () => {
  it('puts events in their order, to the microsecond, and the gateway first where they are at once', () => {
    const events = [
      anEvent({ sequence: 3, source: 'b', timestamp: at(2001) }),
      anEvent({ sequence: 2, source: 'b', timestamp: at(2000) }),
      anEvent({ sequence: 1, source: 'a', timestamp: at(1000) }),
      gateway,
    ];
    const trace = traceOf(events);
    expect(trace?.steps.map(({ event, offsetMs }) => [event.sequence, offsetMs])).toEqual([
      [9, 0],
      [1, 0],
      [2, 1],
      [3, 1.001],
    ]);
    expect(trace?.sources).toEqual(['kong', 'a', 'b']);
  });

  it('draws a request from its begin on, and the line that ends something up to its time', () => {
    const line = anEvent({ sequence: 2, timestamp: at(61_000), duration_ms: 50 });
    const trace = traceOf([line, gateway]);
    expect(trace?.totalMs).toBe(100);
    expect(trace?.steps.map(({ from, width }) => [from, width])).toEqual([
      [0, 1],
      [0.1, 0.5],
    ]);
  });

  it('begins with what was under way before the first line', () => {
    const trace = traceOf([anEvent({ timestamp: at(50_000), duration_ms: 20 })]);
    expect(trace).toMatchObject({
      startIso: '2026-01-01T12:00:00.030Z',
      totalMs: 20,
      steps: [{ offsetMs: 20 }],
    });
  });

  it('is one moment for one event without a duration, and nothing without events', () => {
    expect(traceOf([anEvent()])).toMatchObject({ totalMs: 0, steps: [{ offsetMs: 0, from: 0, width: 0 }] });
    expect(traceOf([])).toBeUndefined();
  });

  it('takes an event that several questions found once', () => {
    expect(merged([gateway], [anEvent(), gateway]).map(({ sequence }) => sequence)).toEqual([9, 1]);
  });
});
