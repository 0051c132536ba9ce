import * as z from 'zod';
import type { SmokeCheck } from './model.ts';

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        health: z.string(),
        scrapeUrl: z.string(),
        lastError: z.string().default(''),
        labels: z.record(z.string(), z.string()),
      }),
    ),
  }),
});
const rulesSchema = z.object({
  data: z.object({
    groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
  }),
});

/** Two rounds of scraping, every 15 s. */
const TWO_SCRAPES_MS = 35_000;
const READY_MS = 5_000;

/** What watches the stack watches all of it. */
export function monitoringChecks(urls: Readonly<Record<string, string>>): readonly SmokeCheck[] {
  const { prometheus, alertmanager, grafana } = urls;
  const checks: SmokeCheck[] = [];
  if (prometheus !== undefined) checks.push(targetsUp(prometheus), rulesLoaded(prometheus));
  if (alertmanager !== undefined) {
    checks.push({
      name: 'alertmanager',
      fix: 'Look at "apictl logs alertmanager".',
      patienceMs: READY_MS,
      look: async ({ ask }) => {
        const { status } = await ask(`${alertmanager}/-/ready`);
        return { ok: status === 200, found: status === 200 ? 'ready' : `answered ${status}` };
      },
    });
  }
  if (grafana !== undefined) {
    checks.push({
      name: 'grafana',
      fix: 'Look at "apictl logs grafana".',
      patienceMs: READY_MS,
      look: async ({ ask }) => {
        const { status, json } = await ask(`${grafana}/api/health`);
        const database = z.looseObject({ database: z.string() }).safeParse(json).data?.database;
        return {
          ok: status === 200 && database === 'ok',
          found: `answered ${status}, database ${database ?? 'unknown'}`,
        };
      },
    });
  }
  return checks;
}

const targetsUp = (prometheus: string): SmokeCheck => ({
  name: 'metrics targets',
  fix: 'Look at Prometheus’ page /targets and at "apictl status" for the services that are down.',
  patienceMs: TWO_SCRAPES_MS,
  look: async ({ ask }) => {
    const { status, json } = await ask(`${prometheus}/api/v1/targets?state=active`);
    const parsed = targetsSchema.safeParse(json);
    if (!parsed.success) return { ok: false, found: `Prometheus answered ${status} without targets` };
    const targets = parsed.data.data.activeTargets;
    const down = targets.filter(({ health }) => health !== 'up');
    if (targets.length === 0) return { ok: false, found: 'Prometheus scrapes nothing' };
    return {
      ok: down.length === 0,
      found:
        down.length === 0
          ? `all ${targets.length} are up`
          : down
              .map(({ labels, health, lastError }) =>
                `${labels.job ?? ''} ${labels.instance ?? ''} is ${health}${lastError === '' ? '' : ` (${lastError})`}`.trim(),
              )
              .join('; '),
    };
  },
});

const rulesLoaded = (prometheus: string): SmokeCheck => ({
  name: 'alert rules',
  fix: 'Look at Prometheus’ page /rules; "apictl render" writes the rules, "apictl up" brings them there.',
  patienceMs: TWO_SCRAPES_MS,
  look: async ({ ask, alertRules }) => {
    const { status, json } = await ask(`${prometheus}/api/v1/rules?type=alert`);
    const parsed = rulesSchema.safeParse(json);
    if (!parsed.success) return { ok: false, found: `Prometheus answered ${status} without rules` };
    const loaded = parsed.data.data.groups.flatMap(({ rules }) => rules);
    const missing = alertRules.filter((name) => !loaded.some((rule) => rule.name === name));
    const ill = loaded.filter(({ health }) => health === 'err').map(({ name }) => name);
    if (missing.length > 0) return { ok: false, found: `not loaded: ${missing.join(', ')}` };
    if (ill.length > 0) return { ok: false, found: `cannot be evaluated: ${ill.join(', ')}` };
    return { ok: true, found: `${loaded.length} loaded, among them ${alertRules.join(', ')}` };
  },
});
