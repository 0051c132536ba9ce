/** Counts over time; a run of bars that is chosen becomes the range of the search. */
import { useMemo, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import type { HistogramAnswer } from '../api/answers.ts';
import { type Brush, NO_BRUSH, press, type Run, runOf } from '../model/brush.ts';
import { short } from '../model/format.ts';
import { barsOf, endsOf, runText } from '../model/histogram.ts';
import { between, type Range } from '../model/range.ts';
import { type Colours, Plot, timeScale } from '../ui/plot.tsx';
import { useBrush } from './use-brush.ts';

const HEIGHT = 130;

function series(colours: Colours): UPlot.Series[] {
  const bars = UPlot.paths.bars?.({ align: 1, size: [1, Number.POSITIVE_INFINITY], gap: 1 });
  const layer = (name: string): UPlot.Series => ({
    fill: colours(name),
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  });
  return [{}, layer('bar'), layer('warn'), layer('error')];
}

export function Histogram({
  answer,
  onChoose,
}: {
  readonly answer: HistogramAnswer;
  readonly onChoose: (range: Range) => void;
}) {
  const bars = useMemo(() => barsOf(answer), [answer]);
  const data = useMemo(
    (): UPlot.AlignedData => [[...bars.starts], [...bars.all], [...bars.notable], [...bars.errors]],
    [bars],
  );
  const [brush, setBrush] = useState<Brush>(NO_BRUSH);
  const latest = useRef(bars);
  latest.current = bars;
  const choose = ({ from, to }: Run): void => {
    setBrush(NO_BRUSH);
    onChoose(between(...endsOf(latest.current, from, to)));
  };
  const attach = useBrush({ bars, brush, setBrush, choose });
  const run = runOf(brush);
  const pressed = (event: KeyboardEvent): void => {
    const next = press(brush, event.key, event.shiftKey, bars.starts.length);
    if (next === undefined) return;
    event.preventDefault();
    if (next === 'apply') choose(run ?? { from: brush.cursor, to: brush.cursor });
    else setBrush(next);
  };
  return (
    <div
      id="histogram"
      class="histogram"
      role="slider"
      tabIndex={0}
      aria-label="Events over time"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, bars.starts.length - 1)}
      aria-valuenow={brush.cursor}
      aria-valuetext={runText(bars, run?.from ?? brush.cursor, run?.to ?? brush.cursor)}
      onKeyDown={pressed}
    >
      <Plot
        data={data}
        height={HEIGHT}
        valueLabel={short}
        onReady={attach}
        options={(colours) => ({
          series: series(colours),
          cursor: { show: false },
          scales: {
            x: timeScale(
              () => latest.current.starts,
              () => latest.current.widthSeconds,
            ),
            y: { range: (_, __, max) => [0, Math.max(1, max * 1.05)] },
          },
        })}
      />
      <p class="reading" aria-hidden="true">
        {brush === NO_BRUSH
          ? 'Drag over the bars to zoom in'
          : runText(bars, run?.from ?? brush.cursor, run?.to ?? brush.cursor)}
      </p>
    </div>
  );
}
