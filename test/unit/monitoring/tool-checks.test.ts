import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  complaintsOfReceivers,
  complaintsOfRules,
  receiversQuestion,
  rulesQuestion,
} from '../../../src/monitoring/tool-checks.ts';

const SHOP = `groups:
  - name: shop
    rules:
      - alert: X
        expr: rate(up) > 1
      - alert: Y
        expr: sum(up)
        annotations:
          summary: "{{ $labels.x"
`;
const RULES = [
  { path: 'monitoring/shop.yml', text: SHOP },
  { path: 'monitoring/other.yml', text: 'groups: []\n' },
];

// The answers are promtool's of Prometheus 2.53 and amtool's of Alertmanager 0.28, word for word.
const PROMTOOL = `Checking /check/0.yml
  FAILED:
/check/0.yml: 5:15: group "shop", rule 1, "X": could not parse expression: 1:6: parse error: expected type range vector in call to function "rate", got instant vector
/check/0.yml: group "shop", rule 2, "Y": annotation "summary": template: __alert_Y:1: unclosed action
Checking /check/1.yml
  SUCCESS: 0 rules found
`;
const AMTOOL = `Checking '/check/of-logging.yml'  SUCCESS
Found:
 - global config
 - route
 - 0 inhibit rules
 - 1 receivers
 - 0 templates

Checking '/check/of-hook.yml'  FAILED: parse "http://receiver/%zz": invalid URL escape "%zz"

Checking '/check/alertmanager.yml'  FAILED: parse "http://receiver/%zz": invalid URL escape "%zz"

amtool: error: failed to validate 2 file(s)
`;

describe('what promtool says of rule files', () => {
  it('is asked for all of them at once', () => {
    const { argv, files } = rulesQuestion(RULES);
    expect(argv).toEqual(['promtool', 'check', 'rules', '/check/0.yml', '/check/1.yml']);
    expect(files['0.yml']).toBe(SHOP);
  });

  it('is told with the user’s file, and with the line of the rule where promtool says none', () => {
    expect(complaintsOfRules(RULES, PROMTOOL)).toEqual([
      'monitoring/shop.yml:5: group "shop", rule 1, "X": could not parse expression: 1:6: parse error: expected type range vector in call to function "rate", got instant vector',
      'monitoring/shop.yml:6: group "shop", rule 2, "Y": annotation "summary": template: __alert_Y:1: unclosed action',
    ]);
  });

  it('is told whole where no line of it is understood', () => {
    expect(complaintsOfRules(RULES, 'promtool: something new')).toEqual([
      'monitoring/shop.yml, monitoring/other.yml: promtool: something new',
    ]);
  });
});

describe('what amtool says of receivers', () => {
  const rendered = `route: { receiver: logging, routes: [{ receiver: hook }] }
receivers:
  - { name: logging, webhook_configs: [{ url: "http://logging:8081/" }] }
  - { name: hook, webhook_configs: [{ url: "http://receiver/%zz" }] }
`;

  it('is asked for each of them and for the whole', () => {
    const { argv, files } = receiversQuestion(rendered);
    expect(argv.slice(0, 2)).toEqual(['amtool', 'check-config']);
    expect(argv.slice(2)).toEqual(
      ['of-logging', 'of-hook', 'alertmanager'].map((name) => `/check/${name}.yml`),
    );
    expect(files['alertmanager.yml']).toBe(rendered);
    expect(parse(files['of-hook.yml'] ?? '')).toEqual({
      route: { receiver: 'hook' },
      receivers: [{ name: 'hook', webhook_configs: [{ url: 'http://receiver/%zz' }] }],
    });
  });

  it('is told as the place of the receiver in the configuration, once', () => {
    expect(complaintsOfReceivers(['mail', 'hook'], AMTOOL)).toEqual([
      'alerting.receivers.1: hook: parse "http://receiver/%zz": invalid URL escape "%zz"',
    ]);
  });

  it('is told of the whole where each receiver for itself is fine', () => {
    const together = `Checking '/check/alertmanager.yml'  FAILED: undefined receiver "x" used in route`;
    expect(complaintsOfReceivers(['hook'], together)).toEqual([
      'alerting: undefined receiver "x" used in route',
    ]);
  });
});
