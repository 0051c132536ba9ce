/** What somebody searches for: words, and phrases in double quotes; a minus before one excludes it. */

export interface Term {
  /** In lower case. */
  readonly text: string;
  readonly isExcluded: boolean;
}

export function searchTerms(query: string): Term[] {
  return [...query.matchAll(/(-?)(?:"([^"]+)"|(\S+))/g)].map(([, minus, phrase, word]) => ({
    text: (phrase ?? word ?? '').toLowerCase(),
    isExcluded: minus === '-',
  }));
}
