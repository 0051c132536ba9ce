/** Keys of the page, and what they do. */

export const SHORTCUTS = {
  '/': 'Go to the search text',
  j: 'Next event',
  k: 'Previous event',
  t: 'Follow the request of the event',
  h: 'Go to the histogram: arrows move, Shift and arrows select, Enter zooms in, Escape clears',
  l: 'Live tail on and off',
  p: 'Pause and go on, while live',
  r: 'Ask again',
  '1': 'Search',
  '2': 'Overview',
  '3': 'Alerts',
  '4': 'Pipeline',
  '?': 'This list',
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

export interface Pressed {
  readonly key: string;
  readonly hasModifier: boolean;
  /** Where the key was pressed: a field that takes text keeps its keys. */
  readonly isInField: boolean;
}

/** undefined where the key belongs to the browser or to a field. */
export function shortcutOf({ key, hasModifier, isInField }: Pressed): Shortcut | undefined {
  if (hasModifier || isInField) return undefined;
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(SHORTCUTS, name) ? (name as Shortcut) : undefined;
}
