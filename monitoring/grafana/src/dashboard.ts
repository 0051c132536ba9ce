import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS } from './data-sources.ts';
import type { PanelInHand } from './panels.ts';

/** Every dashboard has this tag; by it they are linked with each other. */
const TAG = 'apictl';

export interface Row {
  readonly title: string;
  readonly panels: readonly PanelInHand[];
}

export interface DashboardSpec {
  /** In addresses and bookmarks: never changed. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Builder<VariableModel>[];
  readonly rows: readonly Row[];
}

/** Rows from top to bottom, their panels from left to right, numbered through. */
export function dashboard(spec: DashboardSpec): Dashboard {
  const page = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .version(1)
    .readonly()
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('15s')
    // The same moment is marked in every graph.
    .tooltip(DashboardCursorSync.Crosshair)
    .links([inSight(otherDashboards())])
    .annotations([inSight(firingAlerts())])
    .variables([...(spec.variables ?? [])]);
  let id = 0;
  for (const { title, panels } of spec.rows) {
    id += 1;
    page.withRow(new RowBuilder(title).id(id));
    for (const panel of panels) {
      id += 1;
      panel.id(id);
      page.withPanel(panel);
    }
  }
  return page.build();
}

const otherDashboards = (): DashboardLinkBuilder =>
  new DashboardLinkBuilder('Dashboards').type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true);

/** A mark in every graph where an alert began to fire. */
const firingAlerts = (): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(PROMETHEUS)
    .iconColor('red')
    .expr('ALERTS{alertstate="firing", alertname!="Watchdog"}')
    .titleFormat('{{alertname}}')
    .tagKeys('severity,service,instance')
    .step('15s');

/** The builder hides links and annotations in the controls' menu; here they stand above the panels. */
const inSight = <T extends DashboardLink | AnnotationQuery>(builder: Builder<T>): Builder<T> => ({
  build: () => {
    const built = builder.build();
    delete built.placement;
    return built;
  },
});
