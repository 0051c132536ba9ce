import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARDS, dashboardText } from '../../../monitoring/grafana/src/catalogue.ts';
import { failedEvents, failedRequests, latencyMs } from '../../../monitoring/grafana/src/limits.ts';
import { configSchema } from '../../../src/config/schema.ts';
import {
  type DashboardPanel,
  dashboardQueries,
  dashboards,
  dashboardTexts,
  metricsOf,
  variableQueries,
} from '../../support/dashboards.ts';
import { recordedSeries } from '../../support/recorded-metrics.ts';

const monitoring = new URL('../../../monitoring/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, monitoring), 'utf8');

const dataSources = (
  parse(read('grafana/provisioning/datasources/apictl.yaml')) as { datasources: { uid: string }[] }
).datasources.map(({ uid }) => uid);

const rules = readdirSync(new URL('prometheus/rules/', monitoring)).flatMap((name) =>
  (
    parse(read(`prometheus/rules/${name}`)) as {
      groups: { rules: { record?: string; expr: string }[] }[];
    }
  ).groups.flatMap((group) => group.rules),
);

const known = new Set([
  ...[...recordedSeries('embedded'), ...recordedSeries('official')].map(({ name }) => name),
  ...rules.flatMap(({ record }) => record ?? []),
  'ALERTS',
]);

describe('the dashboards that Grafana reads', () => {
  it('are what their source says ("npm run dashboards" writes them)', () => {
    expect(dashboardTexts).toEqual(
      Object.fromEntries(
        Object.entries(DASHBOARDS).map(([name, dashboard]) => [name, dashboardText(dashboard)]),
      ),
    );
  });

  it('have addresses and titles of their own, and the model of Grafana 12', () => {
    expect(dashboards.length).toBe(5);
    for (const key of ['uid', 'title'] as const) {
      expect(new Set(dashboards.map((dashboard) => dashboard[key])).size).toBe(dashboards.length);
    }
    for (const { uid, schemaVersion } of dashboards) {
      expect(uid).toMatch(/^apictl-[a-z]+$/);
      expect(schemaVersion).toBe(42);
    }
  });

  it('mark firing alerts, with a query that is PromQL', () => {
    for (const { annotations } of dashboards) {
      expect(annotations.list.flatMap(({ expr }) => metricsOf(expr))).toEqual(['ALERTS']);
    }
  });

  it('number their panels through and place them on the grid, none over another', () => {
    for (const { title, panels } of dashboards) {
      expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1));
      const taken = new Map<string, string>();
      for (const { title: panel, gridPos } of panels) {
        expect(gridPos.x + gridPos.w, `${title} / ${panel}`).toBeLessThanOrEqual(24);
        for (const cell of cellsOf(gridPos)) {
          expect(taken.get(cell), `${title} / ${panel} lies over another panel`).toBeUndefined();
          taken.set(cell, panel);
        }
      }
    }
  });
});

function cellsOf({ x, y, w, h }: DashboardPanel['gridPos']): string[] {
  return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
}

describe.each(dashboards)('each panel of $title', (dashboard) => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  it('says what it shows, in which unit, and what is too much', () => {
    for (const { title, description, fieldConfig } of panels) {
      expect(title).not.toBe('');
      expect(description, title).toMatch(/^[A-Z0-9].{20,}\.$/);
      const { unit, thresholds } = fieldConfig?.defaults ?? {};
      expect(unit, title).toMatch(/^\w+$/);
      expect(thresholds?.steps[0]?.value, title).toBeNull();
      const limits = thresholds?.steps.slice(1).map(({ value }) => Number(value)) ?? [];
      expect(limits, title).toEqual([...limits].sort((one, other) => one - other));
    }
  });

  it('asks a data source that is provisioned', () => {
    for (const { title, datasource, targets = [] } of panels) {
      expect(dataSources, title).toContain(datasource?.uid);
      expect(targets.length, title).toBeGreaterThan(0);
      for (const target of targets) expect(dataSources, title).toContain(target.datasource.uid);
    }
  });

  it('leads only to dashboards that there are', () => {
    const uids = dashboards.map(({ uid }) => uid);
    for (const { url } of panels.flatMap(({ links }) => links ?? [])) {
      expect(uids).toContain(/^\/d\/([^?]+)\?\$\{__url_time_range\}$/.exec(url)?.[1]);
    }
  });
});

describe('the queries', () => {
  it('ask for metrics that are recorded or made by a rule', () => {
    for (const { of, expr } of dashboardQueries) {
      const names = metricsOf(expr);
      expect(names, of).not.toEqual([]);
      expect(
        names.filter((name) => !known.has(name)),
        of,
      ).toEqual([]);
    }
  });

  it('have every variable filled in', () => {
    for (const { of, expr } of dashboardQueries) expect(expr, of).not.toContain('$');
  });

  it('are those behind the variables too', () => {
    expect(variableQueries.length).toBe(3);
    for (const { match, label } of variableQueries) {
      expect(label).toMatch(/^\w+$/);
      expect(metricsOf(match).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it('show every recording rule that is not only a step to another', () => {
    const shown = new Set(dashboardQueries.flatMap(({ expr }) => metricsOf(expr)));
    const steps = new Set(
      rules.filter(({ record }) => record !== undefined).flatMap(({ expr }) => metricsOf(rendered(expr))),
    );
    const unseen = rules.flatMap(({ record }) =>
      record === undefined || shown.has(record) || steps.has(record) ? [] : [record],
    );
    expect(unseen).toEqual([]);
  });
});

/** With a value for each placeholder. */
const rendered = (expr: string): string => expr.replace(/\{\{ [\w.]+ \}\}/g, '5m');

it('limits are red where the alerts fire by default', () => {
  const { alerting } = configSchema.parse({});
  expect([failedRequests.critical, failedEvents.critical, latencyMs.critical]).toEqual([
    alerting.errorRatio,
    alerting.loggingErrorRatio,
    alerting.latencyP99Ms,
  ]);
});

it('the recorded development gateway has the families of the recorded Kong but its shared memory', () => {
  const families = (flavour: 'embedded' | 'official'): Set<string> =>
    new Set(recordedSeries(flavour).flatMap(({ name }) => (name.startsWith('kong_') ? [name] : [])));
  const own = families('embedded');
  expect([...families('official')].filter((name) => !own.has(name))).toEqual([
    'kong_memory_lua_shared_dict_bytes',
    'kong_memory_lua_shared_dict_total_bytes',
  ]);
});
