/** Puts a text on the clipboard, and says whether that worked. */
import { useState } from 'preact/hooks';

export function CopyButton({ text, name }: { readonly text: string; readonly name: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  const copy = (): void => {
    // Absent where the page came over plain HTTP under a name that is not the machine itself.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    written.then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">
        {outcome === 'copied'
          ? 'Copied'
          : outcome === 'failed'
            ? 'The browser refuses: select the text below'
            : name}
      </span>
    </button>
  );
}
