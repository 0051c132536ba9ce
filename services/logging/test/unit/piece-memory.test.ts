import { describe, expect, it } from 'vitest';
import { PieceMemory } from '../../src/piece-memory.ts';

const KIB = 1024;

describe('the memory for batches', () => {
  it('gives exactly what was asked for, and the same piece again once it came back', () => {
    const memory = new PieceMemory();
    const first = memory.take(100 * KIB);
    expect(first).toHaveLength(100 * KIB);
    memory.giveBack(first);
    const second = memory.take(90 * KIB);
    expect(second).toHaveLength(90 * KIB);
    expect(second.buffer).toBe(first.buffer);
    expect(memory.take(90 * KIB).buffer).not.toBe(first.buffer);
  });

  it('has no piece for what needs a larger one', () => {
    const memory = new PieceMemory();
    const small = memory.take(20 * KIB);
    memory.giveBack(small);
    expect(memory.take(40 * KIB).buffer).not.toBe(small.buffer);
  });

  it('keeps no more than a few megabytes, and nothing of what is tiny or huge', () => {
    const memory = new PieceMemory();
    const pieces = Array.from({ length: 20 }, () => memory.take(1024 * KIB));
    for (const piece of pieces) memory.giveBack(piece);
    const again = Array.from({ length: 20 }, () => memory.take(1024 * KIB).buffer);
    expect(again.filter((buffer) => pieces.some((piece) => piece.buffer === buffer))).toHaveLength(8);
    for (const bytes of [KIB, 5000 * KIB]) {
      const piece = memory.take(bytes);
      memory.giveBack(piece);
      piece.fill(1);
      expect(memory.take(bytes).fill(2).equals(piece)).toBe(false);
    }
  });
});
