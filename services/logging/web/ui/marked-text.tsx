/** A text with what was searched for marked in it. */
import { marked } from '../model/marks.ts';

export function MarkedText({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  if (words.length === 0) return <>{text}</>;
  return (
    <>{marked(text, words).map(({ text: piece, isFound }) => (isFound ? <mark>{piece}</mark> : piece))}</>
  );
}
