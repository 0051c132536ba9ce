import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../../src/config/schema.ts';
import { alertRules } from '../../../src/monitoring/alert-rules.ts';
import { alertsPage } from '../../../src/monitoring/alerts-page.ts';
import { alertingValues } from '../../../src/stack/render/alerting.ts';

const folder = new URL('../../../monitoring/prometheus/', import.meta.url);
const texts = (name: string): string[] =>
  readdirSync(new URL(name, folder)).map((file) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8'));
const rules = texts('rules').flatMap(alertRules);

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly expr: string }[];
  }[];
}

/** What the unit tests of the rules expect of each alert: how many of it fire, over all their moments. */
interface PromtoolTests {
  readonly tests: readonly {
    readonly promql_expr_test?: readonly {
      readonly expr: string;
      readonly exp_samples: readonly { readonly value: number }[];
    }[];
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }[];
  }[];
}
const expectations = texts('tests')
  .flatMap((text) => (parse(text) as PromtoolTests).tests)
  .flatMap(({ promql_expr_test = [], alert_rule_test = [] }) => [
    ...promql_expr_test.flatMap(({ expr, exp_samples }) => {
      const alert = /^count\(ALERTS\{alertname="(\w+)", alertstate="firing"\}\) or vector\(0\)$/.exec(
        expr,
      )?.[1];
      return alert === undefined ? [] : [{ alert, firing: exp_samples[0]?.value ?? 0 }];
    }),
    ...alert_rule_test.map(({ alertname, exp_alerts }) => ({ alert: alertname, firing: exp_alerts.length })),
  ]);

describe('the alert rules', () => {
  it('have names of their own', () => {
    const names = rules.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  // The watchdog is there to fire at any time.
  it.each(rules.map(({ name }) => name).filter((name) => name !== 'Watchdog'))(
    '%s is shown to be silent, to fire and to resolve',
    (name) => {
      const states = expectations.filter(({ alert }) => alert === name).map(({ firing }) => firing > 0);
      expect(states.join()).toMatch(/false,true,false/);
    },
  );

  it('and the tests ask for everything that is recorded', () => {
    const groups = texts('rules').flatMap((text) => (parse(text) as RuleFile).groups);
    const all = groups.flatMap((group) => group.rules);
    const tested = texts('tests').flatMap((text) =>
      (parse(text) as PromtoolTests).tests.flatMap(({ promql_expr_test = [] }) =>
        promql_expr_test.map(({ expr }) => expr),
      ),
    );
    const asked = [...all.map(({ expr }) => expr), ...tested].join('\n');
    const unasked = all.flatMap(({ record }) =>
      record === undefined || asked.includes(record) ? [] : [record],
    );
    expect(unasked).toEqual([]);
  });

  it('are all in docs/alerts.md ("npm run docs" writes it)', () => {
    const committed = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
    expect(committed).toBe(alertsPage(rules, alertingValues(configSchema.parse({}).alerting)));
  });

  it('are refused without a runbook', () => {
    const text = `groups: [{ name: g, rules: [{ alert: A, expr: up, labels: { severity: warning }, annotations: { summary: s, description: d } }] }]`;
    expect(() => alertRules(text)).toThrow(/runbook/);
  });
});
