import { describe, expect, it } from 'vitest';
import { keepsLess, readRetention, textOfRetention } from '../../../web/model/retention.ts';

const limits = (max_age_seconds: number, max_bytes: number) => ({ max_age_seconds, max_bytes });

describe('retention on the page', () => {
  it.each([
    [limits(7 * 86_400, 2 ** 30), { age: '7d', size: '1GiB' }],
    [limits(90_061, 1536 * 2 ** 20), { age: '1d1h1m1s', size: '1536MiB' }],
    [limits(60, 16_777_217), { age: '1m', size: '16777217B' }],
  ])('shows %o as %o and reads the same back', (set, text) => {
    expect(textOfRetention(set)).toEqual(text);
    expect(readRetention(text)).toEqual(set);
  });

  it('takes what people write', () => {
    expect(readRetention({ age: ' 36h ', size: '20 GB' })).toEqual(limits(129_600, 20e9));
  });

  it.each([
    [{ age: '7', size: '1GiB' }, { age: 'Write a time with its unit, as 7d or 12h.' }],
    [{ age: '59s', size: '1GiB' }, { age: 'It must be between 1m and 3650d.' }],
    [{ age: '60500ms', size: '1GiB' }, { age: 'It must be whole seconds.' }],
    [{ age: '7d', size: '15MiB' }, { size: 'It must be between 16MiB and 64TiB.' }],
    [
      { age: '', size: 'much' },
      {
        age: 'Write a time with its unit, as 7d or 12h.',
        size: 'Write a size with its unit, as 512MiB or 20GiB.',
      },
    ],
  ])('says of %o what is wrong with it', (text, faults) => {
    expect(readRetention(text)).toEqual(faults);
  });

  it('knows a change that removes events from one that only keeps more', () => {
    const current = limits(86_400, 2 ** 30);
    expect(keepsLess(limits(86_400, 2 ** 31), current)).toBe(false);
    expect(keepsLess(limits(3600, 2 ** 31), current)).toBe(true);
    expect(keepsLess(limits(86_401, 2 ** 29), current)).toBe(true);
  });
});
