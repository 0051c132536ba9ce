/** uPlot as a component: it keeps the width of its place, and takes its colours from the style sheet. */
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { tickLabel } from '../model/time.ts';

export type Colours = (name: string) => string;

export interface PlotProps {
  readonly data: UPlot.AlignedData;
  readonly height: number;
  /** Made anew when the plot is: when light turns dark. Width, height and axes are filled in. */
  readonly options: (colours: Colours) => Pick<UPlot.Options, 'series'> & Partial<UPlot.Options>;
  readonly onReady?: (plot: UPlot) => void;
}

const DARK = '(prefers-color-scheme: dark)';

function colours(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** From the first bar to the end of the last. */
export function timeScale(starts: () => readonly number[], widthSeconds: () => number): UPlot.Scale {
  return { range: () => [starts()[0] ?? 0, (starts().at(-1) ?? 1) + widthSeconds()] };
}

function axes(valueLabel: (value: number) => string): UPlot.Axis[] {
  const look = {
    stroke: () => colours('muted'),
    grid: { stroke: () => colours('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return [
    {
      ...look,
      size: 24,
      space: 70,
      grid: { show: false },
      values: (_, splits, __, ___, step) => splits.map((seconds) => tickLabel(seconds, step)),
    },
    { ...look, size: 52, space: 28, values: (_, splits) => splits.map(valueLabel) },
  ];
}

export function Plot({
  data,
  height,
  options,
  onReady,
  valueLabel,
}: PlotProps & { readonly valueLabel: (value: number) => string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef({ data, options, onReady });
  latest.current = { data, options, onReady };

  useEffect(() => {
    const target = place.current;
    if (target === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(
        {
          width: Math.max(200, target.clientWidth),
          height,
          legend: { show: false },
          axes: axes(valueLabel),
          ...latest.current.options(colours),
        },
        latest.current.data,
        target,
      );
      latest.current.onReady?.(plot.current);
    };
    draw();
    const watching = new ResizeObserver(() => {
      plot.current?.setSize({ width: Math.max(200, target.clientWidth), height });
    });
    watching.observe(target);
    const scheme = matchMedia(DARK);
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      watching.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [height, valueLabel]);

  useEffect(() => plot.current?.setData(data), [data]);
  return <div class="plot" ref={place} />;
}
