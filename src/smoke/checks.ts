import { elkChecks } from './elk-checks.ts';
import { gatewayChecks } from './gateway-checks.ts';
import { logCheck } from './log-check.ts';
import type { SmokeCheck, SmokeInput } from './model.ts';
import { monitoringChecks } from './monitoring-checks.ts';

/** The list, in the order in which a person would look: the gateway first, then what watches it. */
export const checksFor = ({ urls }: Pick<SmokeInput, 'urls'>): readonly SmokeCheck[] => [
  ...gatewayChecks(urls),
  ...(urls.logging === undefined ? [] : [logCheck(urls.logging)]),
  ...monitoringChecks(urls),
  ...elkChecks(urls),
];
