import { readdirSync, readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';

/** The dashboards as Grafana reads them, and the queries in them. */

const folder = new URL('../../monitoring/grafana/dashboards/', import.meta.url);

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] };
    };
  };
  readonly links?: readonly { readonly url: string }[];
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: { readonly uid: string };
  }[];
}

export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly DashboardPanel[];
  readonly templating: {
    readonly list?: readonly {
      readonly name: string;
      readonly query: string;
      readonly allValue: string;
      readonly datasource: { readonly uid: string };
    }[];
  };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

export const dashboardTexts: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);

export const dashboards = Object.values(dashboardTexts).map((text) => JSON.parse(text) as DashboardFile);

export interface DashboardQuery {
  /** "Dashboard / panel / A", for messages. */
  readonly of: string;
  /** With its variables, as in the file. */
  readonly written: string;
  /** With "All" chosen, over a minute, which is what Grafana asks where the scrape interval is 15 s. */
  readonly expr: string;
}

export const dashboardQueries: readonly DashboardQuery[] = dashboards.flatMap((dashboard) =>
  dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr }) => ({
      of: `${dashboard.title} / ${panel.title} / ${refId}`,
      written: expr,
      expr: filledIn(dashboard, expr),
    })),
  ),
);

/** The question behind each variable's list of values: values of `label` of the series in `match`. */
export const variableQueries = dashboards.flatMap((dashboard) =>
  (dashboard.templating.list ?? []).map(({ name, query }) => {
    const [, match = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    return { of: `${dashboard.title} / $${name}`, label, match: filledIn(dashboard, match) };
  }),
);

function filledIn({ templating }: DashboardFile, expr: string): string {
  return (templating.list ?? []).reduce(
    (text, { name, allValue }) => text.replaceAll(`$${name}`, allValue),
    expr.replaceAll('$__rate_interval', '1m'),
  );
}

/** The names of the metrics that a query asks for, by Prometheus' own grammar. @throws where it is no PromQL. */
export function metricsOf(expr: string): string[] {
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${expr}`);
      if (node.name === 'Identifier') names.push(expr.slice(node.from, node.to));
    },
  });
  return names;
}
