/** Where a text holds what was searched for. */
import { searchTerms } from '../../src/query/terms.ts';

export interface Piece {
  readonly text: string;
  readonly isFound: boolean;
}

/** The words and phrases of a search that a found event holds. */
export function wantedWords(query: string): readonly string[] {
  return searchTerms(query)
    .filter(({ text, isExcluded }) => !isExcluded && text !== '')
    .map(({ text }) => text);
}

interface Place {
  readonly from: number;
  readonly to: number;
}

function placesOf(words: readonly string[], text: string): Place[] {
  const lower = text.toLowerCase();
  // Some letters are longer in lower case: then the places would not be those of the text.
  if (lower.length !== text.length) return [];
  return words
    .flatMap((word) => {
      const places: Place[] = [];
      for (let from = lower.indexOf(word); from >= 0; from = lower.indexOf(word, from + word.length)) {
        places.push({ from, to: from + word.length });
      }
      return places;
    })
    .sort((one, other) => one.from - other.from);
}

/** The text in pieces, found and not found in turn; all of it, in its order. */
export function marked(text: string, words: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const { from, to } of placesOf(words, text)) {
    if (to <= done) continue;
    if (from > done) pieces.push({ text: text.slice(done, from), isFound: false });
    pieces.push({ text: text.slice(Math.max(from, done), to), isFound: true });
    done = to;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isFound: false });
  return pieces;
}
