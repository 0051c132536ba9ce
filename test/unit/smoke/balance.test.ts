import { describe, expect, it } from 'vitest';
import { shareProblem } from '../../../src/smoke/balance.ts';

const three = ['a', 'b', 'c'];
const counts = (a: number, b: number, c: number) =>
  new Map(
    [
      ['a', a],
      ['b', b],
      ['c', c],
    ].filter(([, n]) => n !== 0) as [string, number][],
  );

describe('the shares of the backends', () => {
  it('may differ by 2 % of all requests', () => {
    expect(shareProblem(counts(106, 94, 100), three)).toBeUndefined();
    expect(shareProblem(counts(107, 93, 100), three)).toMatch(/not equal within 2 %/);
  });

  it('may differ by one where there are few requests', () => {
    expect(shareProblem(counts(3, 4, 3), three)).toBeUndefined();
  });

  it('must be of every backend, and of no other', () => {
    expect(shareProblem(counts(5, 5, 0), three)).toBe('no answer from c');
    expect(shareProblem(counts(5, 5, 5), ['a', 'b'])).toContain('answered by c');
  });
});
