import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../../src/config/schema.ts';
import { alertingValues } from '../../../src/stack/render/alerting.ts';
import { dashboardQueries } from '../../support/dashboards.ts';
import { recordedSeries } from '../../support/recorded-metrics.ts';
import { labelsOf, type Selector, selectorsOf, selects } from '../../support/selectors.ts';

/** Intent: no rule and no panel waits for a series that nobody tells. */

const folder = new URL('../../../monitoring/prometheus/rules/', import.meta.url);
const alerting = alertingValues(configSchema.parse({}).alerting);
const rules = readdirSync(folder).flatMap((name) =>
  (
    parse(
      readFileSync(new URL(name, folder), 'utf8')
        .replace(/\{\{ alerting\.(\w+) \}\}/g, (_whole, value: string) => String(alerting[value]))
        .replaceAll('{{ backends.replicas }}', '3'),
    ) as { groups: { rules: { record?: string; alert?: string; expr: string }[] }[] }
  ).groups.flatMap((group) => group.rules),
);
const made = new Set(rules.flatMap(({ record }) => record ?? []));

const FLAVOURS = ['embedded', 'official'] as const;
type Labels = Readonly<Record<string, string>>;
/** Flavour and metric -> the labels of its series. */
const recorded = new Map<string, Labels[]>();
for (const flavour of FLAVOURS) {
  for (const { name, labels } of recordedSeries(flavour)) {
    const key = `${flavour} ${name}`;
    recorded.set(key, [...(recorded.get(key) ?? []), labelsOf(labels)]);
  }
}
const seriesOf = (flavour: string, { metric }: Selector): readonly Labels[] =>
  recorded.get(`${flavour} ${metric}`) ?? [];

/** Selectors of an expression that nothing recorded answers; what rules make is no matter of ours. */
const untold = (expr: string): string[] =>
  selectorsOf(expr).flatMap((selector) => {
    if (made.has(selector.metric) || selector.metric === 'ALERTS') return [];
    const series = FLAVOURS.flatMap((flavour) => seriesOf(flavour, selector));
    return series.some((labels) => selects(selector, labels)) ? [] : [selector.text];
  });

describe('what rules and panels ask for is told by something', () => {
  it.each(rules.map(({ alert, record, expr }) => ({ name: alert ?? record, expr })))('$name', ({ expr }) => {
    expect(untold(expr)).toEqual([]);
  });

  it('every panel', () => {
    expect(dashboardQueries.flatMap(({ of, expr }) => untold(expr).map((text) => `${of}: ${text}`))).toEqual(
      [],
    );
  });

  it('and where it is not, it is found', () => {
    expect(untold('rate(kong_http_request_total[5m]) / up{job="kong"} > pg_up{instanze="a"}')).toEqual([
      'kong_http_request_total',
      'pg_up{instanze="a"}',
    ]);
  });

  it('of a gateway, by the recorded Kong as by the development gateway, with the same labels', () => {
    const exprs = [...rules, ...dashboardQueries].map(({ expr }) => expr);
    const missing = exprs
      .flatMap(selectorsOf)
      .flatMap((selector) =>
        FLAVOURS.filter(
          (flavour) =>
            /^kong_/.test(selector.metric) &&
            !/^kong_memory_lua_shared/.test(selector.metric) &&
            !seriesOf(flavour, selector).some((labels) =>
              selector.matchers.every(({ label }) => label in labels),
            ),
        ).map((flavour) => `${flavour}: ${selector.text}`),
      );
    expect(missing).toEqual([]);
  });
});
