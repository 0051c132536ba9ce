import { stringify } from 'yaml';
import { type DashboardQuery, metricsOf } from '../../support/dashboards.ts';
import { recordedSeries, type Series } from '../../support/recorded-metrics.ts';

const STEP = '15s';
/** A quarter of an hour, the longest time that a dashboard looks back, and some more. */
const STEPS = 80;

/**
 * A file for "promtool test rules" in which each query has to find at least one number (NaN is none) in the recorded metrics
 * of both flavours. Counters grow by a tenth with each scrape, everything else stays as it was recorded.
 */
export function recordedAnswersTest(queries: readonly DashboardQuery[], ruleFiles: string): string {
  // NaN, as a quantile of nothing, can be no input of a test.
  const recorded = [...recordedSeries('embedded'), ...recordedSeries('official')].filter(
    ({ value }) => !Number.isNaN(value),
  );
  const series = new Map(recorded.map((one) => [keyOf(one), one]));
  return stringify({
    rule_files: [ruleFiles],
    evaluation_interval: STEP,
    tests: [
      {
        interval: STEP,
        input_series: [...series].map(([key, one]) => ({ series: key, values: valuesOf(one) })),
        promql_expr_test: queries.map(({ expr }) => ({
          expr: `count((${expr}) >= -Inf) >= bool 1`,
          eval_time: '18m',
          exp_samples: [{ labels: '{}', value: 1 }],
        })),
      },
    ],
  });
}

const keyOf = ({ name, labels }: Series): string => `${name}{${labels}}`;

function valuesOf({ value, grows }: Series): string {
  return `${value}+${grows ? value / 10 : 0}x${STEPS}`;
}

/** Whether only the official flavour has some of what the query asks for. */
export function needsOfficialFlavour({ expr }: DashboardQuery): boolean {
  return metricsOf(expr).some((name) => officialOnly.has(name));
}

const embedded = new Set(recordedSeries('embedded').map(({ name }) => name));
const officialOnly = new Set(
  recordedSeries('official').flatMap(({ name }) => (embedded.has(name) ? [] : [name])),
);
