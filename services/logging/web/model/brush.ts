/** Choosing a run of bars, by pointer or by keys. */

export interface Brush {
  /** The bar that the keys stand on, and where a drag ends. */
  readonly cursor: number;
  /** Where the choice began; undefined while nothing is chosen. */
  readonly anchor: number | undefined;
}

export interface Run {
  readonly from: number;
  readonly to: number;
}

/** undefined while nothing is chosen. */
export function runOf({ cursor, anchor }: Brush): Run | undefined {
  if (anchor === undefined) return undefined;
  return { from: Math.min(cursor, anchor), to: Math.max(cursor, anchor) };
}

export const NO_BRUSH: Brush = { cursor: 0, anchor: undefined };

function held(position: number, count: number): number {
  return Math.max(0, Math.min(count - 1, position));
}

/** A pointer went down on a bar. */
export function begin(position: number, count: number): Brush {
  const bar = held(position, count);
  return { cursor: bar, anchor: bar };
}

/** The pointer, held down, is over another bar. */
export function extend(brush: Brush, position: number, count: number): Brush {
  return { ...brush, cursor: held(position, count) };
}

const PAGE = 10;

function stepOf(key: string, brush: Brush, count: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return brush.cursor - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return brush.cursor + 1;
    case 'PageDown':
      return brush.cursor - PAGE;
    case 'PageUp':
      return brush.cursor + PAGE;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** What a key makes of it: another brush, `apply` for the run that is chosen, undefined where the key means nothing here. */
export function press(
  brush: Brush,
  key: string,
  hasShift: boolean,
  count: number,
): Brush | 'apply' | undefined {
  if (count === 0) return undefined;
  if (key === 'Enter') return 'apply';
  if (key === 'Escape') return brush.anchor === undefined ? undefined : { ...brush, anchor: undefined };
  const step = stepOf(key, brush, count);
  if (step === undefined) return undefined;
  return { cursor: held(step, count), anchor: hasShift ? (brush.anchor ?? brush.cursor) : undefined };
}
