import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Courtesy, pauseAfterTurn } from '../../src/store/courtesy.ts';

const disk = { waiting: 0.9, working: 0.1 };
const processors = { waiting: 0.9, working: 0.9 };

/** Keeps this thread at work for most of the time, without holding the event loop up. */
async function workFor(ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs) {
    const restMs = performance.now() + 5;
    while (performance.now() < restMs);
    await nextTurn();
  }
}

describe('the store', () => {
  it('steps back while senders keep the disk busy, for as long as its turn was expensive', () => {
    expect(pauseAfterTurn(100, disk, 0.1)).toBe(400);
    expect(pauseAfterTurn(10_000, disk, 0.1)).toBe(2000);
  });

  it('steps back further while senders keep the processors busy too', () => {
    expect(pauseAfterTurn(100, processors, 0.1)).toBe(1600);
    expect(pauseAfterTurn(10_000, processors, 0.1)).toBe(2000);
  });

  it('takes turn after turn when nobody waits, however busy the service is', () => {
    expect(pauseAfterTurn(100, { waiting: 0.2, working: 0.1 }, 0.1)).toBe(0);
    expect(pauseAfterTurn(100, { waiting: 0.2, working: 0.9 }, 0.1)).toBe(0);
  });

  it('steps back no more once the buffer is half full', () => {
    expect(pauseAfterTurn(100, disk, 0.5)).toBe(0);
    expect(pauseAfterTurn(100, processors, 0.5)).toBe(0);
  });

  it('goes by what happened since its last turn', async () => {
    const buffer = { waitedMs: 0 };
    const courtesy = new Courtesy(buffer, () => 0);
    await workFor(50);
    // Longer than all of the time: somebody waited without a break.
    buffer.waitedMs += 60_000;
    expect(courtesy.pauseMs(10)).toBe(160);
    await workFor(20);
    expect(courtesy.pauseMs(10)).toBe(0);
  });
});
