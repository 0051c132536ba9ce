// Writes what Grafana reads from the dashboards' source: node --import tsx scripts/generate-dashboards.ts
import { writeFileSync } from 'node:fs';
import { DASHBOARDS, dashboardText } from '../monitoring/grafana/src/catalogue.ts';

const folder = new URL('../monitoring/grafana/dashboards/', import.meta.url);
for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  writeFileSync(new URL(name, folder), dashboardText(dashboard));
}
