/** As many letters in common at the beginning say what was meant, whatever follows: `warning` is `warn`. */
const TELLING = 3;

/** The word that was probably meant, for "did you mean": at most about a third of its letters differ, or one begins with the other. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= Math.ceil(best.candidate.length / 3)) return best.candidate;
  return ranked.find(({ candidate }) => isBeginning(candidate, word) || isBeginning(word, candidate))
    ?.candidate;
}

const isBeginning = (short: string, long: string): boolean =>
  short.length >= TELLING && long.startsWith(short);

/** Levenshtein distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
