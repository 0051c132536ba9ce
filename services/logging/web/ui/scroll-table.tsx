/** A table that scrolls within its place where the window is narrow. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export function ScrollTable({
  title,
  isEmpty,
  none = 'None in this time.',
  children,
}: {
  readonly title: string;
  readonly isEmpty: boolean;
  readonly none?: string;
  readonly children: ComponentChildren;
}) {
  const heading = useId();
  return (
    <div class="table">
      <h2 id={heading}>{title}</h2>
      {isEmpty ? (
        <p class="muted">{none}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <section class="scroll" tabIndex={0} aria-labelledby={heading}>
          <table>{children}</table>
        </section>
      )}
    </div>
  );
}
