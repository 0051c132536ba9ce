/** Single keys for what is done often. They can be turned off, for those whose speech or tremor types them. */
import { useEffect, useRef } from 'preact/hooks';
import { type Shortcut, shortcutOf } from '../model/shortcuts.ts';

const OFF = 'apictl.shortcuts';

export function areShortcutsOn(): boolean {
  return localStorage.getItem(OFF) !== 'off';
}

export function turnShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, 'off');
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName))
  );
}

export type Deeds = Partial<Readonly<Record<Shortcut, () => void>>>;

/** While the calling component is there; a dialog that is open has the keys for itself. */
export function useShortcuts(deeds: Deeds): void {
  const current = useRef(deeds);
  current.current = deeds;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf({
        key: event.key,
        hasModifier: event.ctrlKey || event.metaKey || event.altKey,
        isInField: isField(event.target),
      });
      const deed = shortcut === undefined ? undefined : current.current[shortcut];
      if (deed === undefined || !areShortcutsOn() || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      deed();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
