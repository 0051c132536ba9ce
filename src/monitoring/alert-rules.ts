import { parse } from 'yaml';
import * as z from 'zod';

/** An alert rule as its file says it: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertRule {
  readonly name: string;
  readonly group: string;
  readonly severity: string;
  /** How long the condition must hold, as `1m`; null where it fires at once. */
  readonly holds: string | null;
  readonly summary: string;
  readonly description: string;
  /** What to do. */
  readonly runbook: string;
}

const alert = z.object({
  alert: z.string().min(1),
  expr: z.string().min(1),
  for: z.string().optional(),
  labels: z.object({ severity: z.enum(['critical', 'warning', 'none']) }),
  annotations: z.object({
    summary: z.string().min(1),
    description: z.string().min(1),
    runbook: z.string().min(1),
  }),
});
const record = z.object({ record: z.string().min(1), expr: z.string().min(1) });

const ruleFile = z.object({
  groups: z.array(z.object({ name: z.string(), rules: z.array(z.union([alert, record])) })),
});

/** The alerts of a rule file, in its order. @throws ZodError for a rule that lacks its severity, texts or runbook */
export const alertRules = (text: string): AlertRule[] =>
  ruleFile.parse(parse(text)).groups.flatMap(({ name: group, rules }) =>
    rules.flatMap((rule): AlertRule[] => {
      if (!('alert' in rule)) return [];
      const { alert: name, for: holds = null, labels, annotations } = rule;
      return [{ name, group, severity: labels.severity, holds, ...annotations }];
    }),
  );
