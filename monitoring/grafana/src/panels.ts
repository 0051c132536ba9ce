import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  type DataSourceRef,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  MappingType,
  type Panel,
  type ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { PROMETHEUS } from './data-sources.ts';
import { type Limits, thresholds } from './limits.ts';

export interface PanelSpec {
  readonly title: string;
  /** What it answers, and what to make of a bad value. */
  readonly description: string;
  /** One of the SDK's units. */
  readonly unit: string;
  readonly limits: Limits;
  /** PromQL by the name of its series, which may hold labels as `{{instance}}`. */
  readonly queries: Readonly<Record<string, string>>;
  /** Of the grid's 24 columns. */
  readonly width?: number;
  /** Shown where the query finds nothing. */
  readonly whenEmpty?: string;
  /** uid of the dashboard that tells more. */
  readonly more?: string;
}

/** A panel without its place and number, which its dashboard gives it. */
export type PanelInHand = Builder<Panel> & { id(id: number): unknown };

/** What the builders of all kinds of panels have in common. */
interface CommonBuilder extends PanelInHand {
  title(text: string): this;
  description(text: string): this;
  unit(unit: string): this;
  noValue(text: string): this;
  datasource(ref: DataSourceRef): this;
  thresholds(config: Builder<ThresholdsConfig>): this;
  links(links: Builder<DashboardLink>[]): this;
  targets(targets: Builder<Dataquery>[]): this;
  height(rows: number): this;
  span(columns: number): this;
}

/** The value now, large, with its course behind it. */
export const stat = (spec: PanelSpec): PanelInHand =>
  common(new StatBuilder(), spec, { width: 4, height: 4 })
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));

/** Lines over time; a dashed line marks each limit. */
export const graph = (spec: PanelSpec): PanelInHand => lines(spec);

/** Areas on top of each other, for parts of a whole. */
export const stacked = (spec: PanelSpec): PanelInHand =>
  lines(spec).fillOpacity(30).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));

/** One bar for each series, coloured by its value: 1 is said as `good`, 0 as `bad`. */
export const states = (spec: PanelSpec & { readonly good: string; readonly bad: string }): PanelInHand =>
  common(new StateTimelineBuilder(), spec, { width: 12, height: 8 })
    .showValue(VisibilityMode.Never)
    .mappings([
      {
        type: MappingType.ValueToText,
        options: { '1': { text: spec.good, color: 'green' }, '0': { text: spec.bad, color: 'red' } },
      },
    ]);

/** How often each range of values occurred, from a histogram's buckets. */
export const heatmap = (spec: PanelSpec): PanelInHand =>
  common(new HeatmapBuilder(), spec, { width: 12, height: 8 }, (query) =>
    query.range().format(PromQueryFormat.Heatmap),
  ).yAxis(new YAxisConfigBuilder().unit(spec.unit));

/** The labels of what is there now. */
export const table = (spec: PanelSpec & { readonly hidden: readonly string[] }): PanelInHand =>
  common(new TableBuilder(), spec, { width: 12, height: 8 }, (query) =>
    query.instant().format(PromQueryFormat.Table),
  ).transformations([
    {
      id: 'organize',
      options: { excludeByName: Object.fromEntries(spec.hidden.map((name) => [name, true])) },
    },
  ]);

function lines(spec: PanelSpec): TimeSeriesBuilder {
  const hasLimit = spec.limits.bad !== 'never';
  const mode = hasLimit ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return common(new TimeSeriesBuilder(), spec, { width: 12, height: 8 })
    .axisSoftMin(0)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Never)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(mode))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

function common<B extends CommonBuilder>(
  builder: B,
  spec: PanelSpec,
  size: { readonly width: number; readonly height: number },
  asked: (query: DataqueryBuilder) => DataqueryBuilder = (query) => query.range(),
): B {
  const targets = Object.entries(spec.queries).map(([name, expr], index) =>
    asked(new DataqueryBuilder())
      .datasource(PROMETHEUS)
      .refId(String.fromCharCode(65 + index))
      .legendFormat(name)
      .expr(expr),
  );
  builder
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .noValue(spec.whenEmpty ?? 'no data')
    .datasource(PROMETHEUS)
    .thresholds({ build: () => thresholds(spec.limits) })
    .targets(targets)
    .span(spec.width ?? size.width)
    .height(size.height);
  if (spec.more !== undefined) builder.links([more(spec.more)]);
  return builder;
}

const more = (uid: string): DashboardLinkBuilder =>
  new DashboardLinkBuilder('More').url(`/d/${uid}?\${__url_time_range}`);
