import { describe, expect, it } from 'vitest';
import { pauseAfterTurn } from '../../src/store/courtesy.ts';

describe('the store', () => {
  it('steps back while senders keep the service busy, for as long as its turn was expensive', () => {
    expect(pauseAfterTurn(100, 0.9, 0.1)).toBe(400);
    expect(pauseAfterTurn(10_000, 0.9, 0.1)).toBe(2000);
  });

  it('takes turn after turn when the service has time', () => {
    expect(pauseAfterTurn(100, 0.2, 0.1)).toBe(0);
  });

  it('steps back no more once the buffer is half full', () => {
    expect(pauseAfterTurn(100, 0.9, 0.5)).toBe(0);
  });
});
