import { describe, expect, it } from 'vitest';
import { ruleFileProblems } from '../../../src/monitoring/rule-file.ts';

const problems = (text: string): string[] => ruleFileProblems('rules/shop.yml', text);

const GOOD = `groups:
  - name: shop
    interval: 30s
    rules:
      - record: shop:orders:rate5m
        expr: sum by (route) (rate(kong_http_requests_total{route="orders"}[5m]))
      - alert: OrdersAbsent
        expr: absent(shop:orders:rate5m) or shop:orders:rate5m == 0
        for: 1h30m
        labels: { severity: warning }
        annotations: { summary: "No orders on {{ $labels.route }}." }
`;

describe('a rule file of one’s own', () => {
  it('is taken where Prometheus can read it', () => {
    expect(problems(GOOD)).toEqual([]);
  });

  it('is told the line of an alias that stands for nothing', () => {
    expect(problems('groups:\n  - *shop\n')).toEqual([
      expect.stringMatching(/^rules\/shop\.yml:2: the alias \*shop has no anchor &shop before it/),
    ]);
  });

  it('is told the line where it is nested too deeply', () => {
    expect(problems(`groups:\n  - name: ${'{a: '.repeat(20_000)}`)).toEqual([
      'rules/shop.yml:2: is nested more than 100 levels deep',
    ]);
  });

  it.each([
    [
      'an expression that ends too early',
      'rate5m == 0',
      'rate5m ==',
      ':8: groups.0.rules.1.expr: cannot be read as PromQL: it ends too early',
    ],
    [
      'an expression with a word too many',
      'rate5m == 0',
      'rate5m equals 0',
      ':8: groups.0.rules.1.expr: cannot be read as PromQL: from "equals 0" on',
    ],
    [
      'a function that there is not',
      'absent(',
      'missing(',
      ':8: groups.0.rules.1.expr: cannot be read as PromQL: from "(shop:orders:rate5m) or shop:o" on',
    ],
    [
      'a duration in words',
      '1h30m',
      'long',
      ':9: groups.0.rules.1.for: must be a duration as Prometheus writes it, as "5m"',
    ],
    [
      'a key that no rule has',
      '        for:',
      '        four:',
      ':7: groups.0.rules.1: Unrecognized key: "four"',
    ],
    [
      'a label that is no name',
      '{ severity:',
      '{ se-verity:',
      ':10: groups.0.rules.1.labels.se-verity: must be the name of a label',
    ],
    [
      'a metric that is no name',
      'record: shop:orders:rate5m',
      'record: shop-orders',
      ':5: groups.0.rules.0.record: must be the name of a metric',
    ],
  ])('is refused for %s, with its line', (_what, from, to, expected) => {
    expect(problems(GOOD.replace(from, to))[0]).toBe(`rules/shop.yml${expected}`);
  });

  it('is refused for a group without rules, and for one that is there twice', () => {
    expect(problems('groups: [{ name: shop, rules: [] }]')).toEqual([
      'rules/shop.yml:1: groups.0.rules: must not be empty',
    ]);
    expect(problems(GOOD + GOOD.replace('groups:\n', ''))).toEqual([
      'rules/shop.yml:2: groups: a group is there twice',
    ]);
  });

  it('is refused where it is no YAML, and where it is empty', () => {
    expect(problems('groups: [')[0]).toMatch(/^rules\/shop\.yml:1: /);
    expect(problems('')).toEqual(['rules/shop.yml:1: the file: must be a map']);
  });
});
