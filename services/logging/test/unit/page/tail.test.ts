import { describe, expect, it } from 'vitest';
import { EMPTY_TAIL, goOn, MAX_SHOWN, pause, receive, skip } from '../../../web/model/tail.ts';
import { anEvent } from './an-event.ts';

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => anEvent({ sequence: from + index }));
const sequences = (list: readonly { readonly sequence: number }[]) => list.map(({ sequence }) => sequence);

describe('the live tail', () => {
  it('shows the newest first, each once, also after an interruption', () => {
    const tail = receive(receive(EMPTY_TAIL, events(1, 3)), events(2, 4));
    expect(sequences(tail.shown)).toEqual([4, 3, 2, 1]);
    expect(tail.received).toBe(4);
    expect(receive(tail, events(1, 4))).toBe(tail);
  });

  it('keeps a bounded number, however much comes', () => {
    const tail = receive(receive(EMPTY_TAIL, events(1, 400)), events(401, 2000));
    expect(tail.shown).toHaveLength(MAX_SHOWN);
    expect([tail.shown[0]?.sequence, tail.received]).toEqual([2000, 2000]);
  });

  it('stands still while it is paused, and then shows what waited', () => {
    let tail = receive(pause(receive(EMPTY_TAIL, events(1, 2))), events(3, 4));
    expect([sequences(tail.shown), tail.waitingCount]).toEqual([[2, 1], 2]);
    tail = receive(tail, events(5, 1000));
    expect([tail.waitingCount, tail.waiting.length]).toEqual([998, MAX_SHOWN]);
    tail = goOn(tail);
    expect([tail.isPaused, tail.waitingCount, tail.shown[0]?.sequence, tail.shown.length]).toEqual([
      false,
      0,
      1000,
      MAX_SHOWN,
    ]);
  });

  it('counts what the service left out', () => {
    expect(skip(skip(EMPTY_TAIL)).skips).toBe(2);
  });
});
