/** The list of the keys, and the switch that turns them off. */
import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { SHORTCUTS } from '../model/shortcuts.ts';
import { areShortcutsOn, turnShortcuts } from './keys.ts';

export function ShortcutsDialog({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  const [isOn, setOn] = useState(areShortcutsOn);
  const turn = (on: boolean): void => {
    turnShortcuts(on);
    setOn(on);
  };
  return (
    <dialog ref={dialog} aria-labelledby="shortcuts-title">
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      <dl class="keys">
        {Object.entries(SHORTCUTS).map(([key, deed]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{deed}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={(event) => turn(event.currentTarget.checked)} /> Use
        them
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
