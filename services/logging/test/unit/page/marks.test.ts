import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marked, wantedWords } from '../../../web/model/marks.ts';

const shown = (text: string, query: string) =>
  marked(text, wantedWords(query))
    .map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text))
    .join('');

describe('marking what was searched for', () => {
  it.each([
    ['Order 17 of Alice', 'order alice', '[Order] 17 of [Alice]'],
    ['no no NO', 'no', '[no] [no] [NO]'],
    ['order late, late order', '"late order"', 'order late, [late order]'],
    ['order without', 'order -without', '[order] without'],
    ['abcd', 'abc bcd', '[abc][d]'],
    ['a.*b', '.*', 'a[.*]b'],
    ['İstanbul', 'stanbul', 'İstanbul'],
    ['nothing', '', 'nothing'],
  ])('in "%s" for %s', (text, query, expected) => {
    expect(shown(text, query)).toBe(expected);
  });

  it('never changes the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, query) => {
        const pieces = marked(text, wantedWords(query));
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        expect(pieces.every((piece) => piece.text !== '')).toBe(true);
      }),
    );
  });
});
