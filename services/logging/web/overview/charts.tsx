/** Traffic and latencies over time. */
import { useMemo, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { HistogramAnswer } from '../api/answers.ts';
import { milliseconds, short } from '../model/format.ts';
import { startsOf } from '../model/histogram.ts';
import { latencySeries, type Series, trafficSeries } from '../model/overview.ts';
import { type Colours, Plot, timeScale } from '../ui/plot.tsx';

const HEIGHT = 180;
const Y = { range: (_: UPlot, __: number, max: number): [number, number] => [0, max > 0 ? max * 1.1 : 1] };

/** The plot outlives its data: what it draws is looked up when it draws. */
function useScales(answer: HistogramAnswer): UPlot.Scales {
  const latest = useRef({ starts: startsOf(answer), width: answer.bucket_seconds });
  latest.current = { starts: startsOf(answer), width: answer.bucket_seconds };
  return {
    x: timeScale(
      () => latest.current.starts,
      () => latest.current.width,
    ),
    y: Y,
  };
}

function aligned(series: Series): UPlot.AlignedData {
  return series.map((values) => [...values]) as UPlot.AlignedData;
}

function line(colour: string): UPlot.Series {
  return { stroke: colour, width: 1.5, points: { show: false }, spanGaps: true };
}

function trafficLines(colours: Colours): UPlot.Series[] {
  const bars = UPlot.paths.bars?.({ align: 1, size: [1, Number.POSITIVE_INFINITY], gap: 1 });
  const layer = (name: string): UPlot.Series => ({
    fill: colours(name),
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  });
  return [{}, layer('bar'), layer('error')];
}

export function TrafficChart({ answer }: { readonly answer: HistogramAnswer }) {
  const data = useMemo(() => aligned(trafficSeries(answer)), [answer]);
  const scales = useScales(answer);
  return (
    <figure>
      <figcaption>
        Requests per second <Key name="bar" text="all" /> <Key name="error" text="5xx" />
      </figcaption>
      <Plot
        data={data}
        height={HEIGHT}
        valueLabel={short}
        options={(colours) => ({ series: trafficLines(colours), cursor: { show: false }, scales })}
      />
    </figure>
  );
}

export function LatencyChart({ answer }: { readonly answer: HistogramAnswer }) {
  const data = useMemo(() => aligned(latencySeries(answer)), [answer]);
  const scales = useScales(answer);
  return (
    <figure>
      <figcaption>
        Time to answer <Key name="p50" text="p50" /> <Key name="p95" text="p95" />{' '}
        <Key name="p99" text="p99" />
      </figcaption>
      <Plot
        data={data}
        height={HEIGHT}
        valueLabel={milliseconds}
        options={(colours) => ({
          series: [{}, line(colours('p50')), line(colours('p95')), line(colours('p99'))],
          cursor: { show: false },
          scales,
        })}
      />
    </figure>
  );
}

function Key({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <span class={`key ${name}`}>
      <span class="swatch" aria-hidden="true" /> {text}
    </span>
  );
}
