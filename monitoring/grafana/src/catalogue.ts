import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { backends } from './backends.ts';
import { gateway } from './gateway.ts';
import { hosts } from './hosts.ts';
import { logging } from './logging.ts';
import { overview } from './overview.ts';

/** Every dashboard by the name of its file in ../dashboards. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'overview.json': overview,
  'gateway.json': gateway,
  'backends.json': backends,
  'logging.json': logging,
  'hosts.json': hosts,
};

/** As Grafana reads it. */
export const dashboardText = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`;
