/** The brush over a plot: mouse, pen and finger draw it, the state shows it. */
import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import { type Brush, begin, extend, type Run, runOf } from '../model/brush.ts';
import type { Bars } from '../model/histogram.ts';

export interface BrushParts {
  readonly bars: Bars;
  readonly brush: Brush;
  readonly setBrush: (brush: Brush) => void;
  /** A pointer has let go: this is meant. */
  readonly choose: (run: Run) => void;
}

function barAt(plot: UPlot, bars: Bars, clientX: number): number {
  const seconds = plot.posToVal(clientX - plot.over.getBoundingClientRect().left, 'x');
  return Math.floor((seconds - (bars.starts[0] ?? 0)) / bars.widthSeconds);
}

/** Lays the chosen run, or the bar that the keys stand on, over the plot. */
function show(plot: UPlot, bars: Bars, brush: Brush): void {
  const run = runOf(brush) ?? { from: brush.cursor, to: brush.cursor };
  const left = plot.valToPos(bars.starts[run.from] ?? 0, 'x');
  const right = plot.valToPos((bars.starts[run.to] ?? 0) + bars.widthSeconds, 'x');
  plot.setSelect({ left, top: 0, width: right - left, height: plot.over.clientHeight }, false);
}

/** @returns what a plot is to be given to when it is there */
export function useBrush(parts: BrushParts): (plot: UPlot) => void {
  const latest = useRef(parts);
  latest.current = parts;
  const current = useRef<UPlot>(undefined);

  useEffect(() => {
    if (current.current !== undefined) show(current.current, parts.bars, parts.brush);
  }, [parts.bars, parts.brush]);

  return (plot) => {
    current.current = plot;
    const { over } = plot;
    // The state of the drag itself: renders may come later than the pointer's next move.
    let drag: Brush | undefined;
    const bar = (event: PointerEvent): number => barAt(plot, latest.current.bars, event.clientX);
    const update = (brush: Brush): void => {
      drag = brush;
      latest.current.setBrush(brush);
    };
    over.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      over.setPointerCapture(event.pointerId);
      update(begin(bar(event), latest.current.bars.starts.length));
    });
    over.addEventListener('pointermove', (event) => {
      if (drag !== undefined) update(extend(drag, bar(event), latest.current.bars.starts.length));
    });
    over.addEventListener('pointerup', () => {
      const run = drag === undefined ? undefined : runOf(drag);
      drag = undefined;
      if (run !== undefined) latest.current.choose(run);
    });
    // A finger that scrolls the page after all means nothing here.
    over.addEventListener('pointercancel', () => {
      if (drag !== undefined) latest.current.setBrush({ cursor: drag.cursor, anchor: undefined });
      drag = undefined;
    });
  };
}
