import { describe, expect, it } from 'vitest';
import { maskPatternProblems } from '../../../src/config/mask-patterns.ts';
import { type ConfigSources, parseConfig } from '../../../src/config/parse.ts';

const sources = (given: Partial<ConfigSources>): ConfigSources => ({
  file: undefined,
  dotenv: {},
  environment: {},
  flags: {},
  ...given,
});

const problemsOf = (given: Partial<ConfigSources>): readonly string[] => {
  const parsed = parseConfig(sources(given));
  return parsed.ok ? [] : parsed.problems;
};

const configOf = (given: Partial<ConfigSources>) => {
  const parsed = parseConfig(sources(given));
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
};

describe('the configuration', () => {
  it('needs no file: everything has a default', () => {
    const config = configOf({});
    expect(config.project).toBe('apictl');
    expect(config.ports.proxy).toBe(8000);
    expect(config.backends.replicas).toBe(3);
    expect(config.bind).toBe('127.0.0.1');
  });

  it('takes an empty file as no file', () => {
    expect(configOf({ file: null }).ports.proxyTls).toBe(8443);
  });

  it('tells every problem in one pass, each with its path', () => {
    const problems = problemsOf({
      file: { ports: { proxy: 'x', admin: 70_000 }, backends: { replicas: 0 }, bind: 'nowhere' },
    });
    expect(problems).toHaveLength(4);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(
      expect.arrayContaining(['ports.proxy', 'ports.admin', 'backends.replicas', 'bind']),
    );
  });

  it('refuses a pattern to mask that is none, has no end, or matches everything, each with its path', () => {
    const problems = maskPatternProblems(['EMP-[0-9]{6}', '(', '(?=x)', 'a*']);
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(/logging\.maskPatterns\.1: is no pattern of RE2: missing closing \)/);
    expect(problems.join('\n')).toMatch(
      /logging\.maskPatterns\.2: is no pattern of RE2: invalid or unsupported/,
    );
    expect(problems.join('\n')).toMatch(/logging\.maskPatterns\.3: matches the empty text/);
  });

  it('refuses a name to mask that would be taken for two', () => {
    expect(problemsOf({ file: { logging: { maskKeys: ['a,b'] } } }).join()).toMatch(
      /logging\.maskKeys\.0: must be a name/,
    );
  });

  it('refuses unknown keys and suggests the nearest known one', () => {
    expect(problemsOf({ file: { prots: {}, ports: { proxi: 1 } } })).toEqual([
      'ports.proxi: no such key; did you mean proxy?',
      'prots: no such key; did you mean ports?',
    ]);
  });

  it('prefers flags to the environment, the environment to .env, and .env to the file', () => {
    const file = { project: 'file', ports: { proxy: 1001, admin: 1002 }, bind: '127.0.0.2' };
    const config = configOf({
      file,
      dotenv: { APICTL_PORTS_PROXY: '2001', APICTL_PORTS_ADMIN: '2002', APICTL_PROJECT: 'dotenv' },
      environment: { APICTL_PORTS_PROXY: '3001', APICTL_PROJECT: 'environment' },
      flags: { project: 'flag' },
    });
    expect(config.project).toBe('flag');
    expect(config.ports.proxy).toBe(3001);
    expect(config.ports.admin).toBe(2002);
    expect(config.bind).toBe('127.0.0.2');
  });

  it('reads lists, numbers and booleans from the environment', () => {
    const config = configOf({
      environment: {
        APICTL_PROFILES: 'core, monitoring',
        APICTL_BACKENDS_DRILLS: 'true',
        APICTL_TLS_HOSTS: 'a.test',
      },
    });
    expect(config.profiles).toEqual(['core', 'monitoring']);
    expect(config.backends.drills).toBe(true);
    expect(config.tls.hosts).toEqual(['a.test']);
  });

  it('names the variable that a bad value came from', () => {
    expect(problemsOf({ environment: { APICTL_PORTS_PROXY: 'many' } })).toEqual([
      expect.stringMatching(/^ports\.proxy: .*found "many" \(from APICTL_PORTS_PROXY in the environment\)$/),
    ]);
  });

  it('refuses a variable that sets nothing', () => {
    expect(problemsOf({ dotenv: { APICTL_PORT_PROXY: '1' } })).toEqual([
      'APICTL_PORT_PROXY in .env: no such setting; did you mean APICTL_PORTS_PROXY?',
    ]);
  });

  it('refuses one port for two doors, and two sources of the backends', () => {
    expect(
      problemsOf({ file: { ports: { admin: 8000 }, backends: { image: 'a/b', build: { context: '.' } } } }),
    ).toEqual([
      'ports.admin: 8000 is also ports.proxy',
      'backends.build: give either backends.image or backends.build, not both',
    ]);
  });

  it('refuses a retention that the logging service would refuse at its start', () => {
    expect(problemsOf({ file: { retention: { logging: '30s', loggingSize: '1MiB' } } })).toEqual([
      'retention.logging: must be at least 60s',
      'retention.loggingSize: must be at least 16MiB',
    ]);
  });

  it('refuses a window of the alerts that would not hold enough scrapes', () => {
    expect(problemsOf({ file: { alerting: { window: '30s' } } })).toEqual([
      'alerting.window: must be at least 60s, four times alerting.interval',
    ]);
    expect(configOf({ file: { alerting: { window: '1m' } } }).alerting.window).toBe('1m');
    const quick = { window: '20s', interval: '5s' };
    expect(configOf({ file: { alerting: quick } }).alerting).toMatchObject(quick);
  });

  it('refuses an interval that the alert rules do not count on, and a wait that a test of the alerts would not outlast', () => {
    expect(problemsOf({ file: { alerting: { interval: '30s', groupWait: '10m' } } })).toEqual([
      'alerting.interval: must be 5s to 15s: the rules count on nothing slower, found "30s"',
      'alerting.groupWait: must be 1s to 99s, or 1m to 5m, found "10m"',
    ]);
  });

  it.each([
    ['without a way', { name: 'a' }, 'alerting.receivers.0: needs one of webhook, slack, pagerduty, email'],
    [
      'that has the name of the stack’s own',
      { name: 'logging', pagerduty: { routingKeySecret: 'alert-k' } },
      'alerting.receivers.0.name: is the receiver that the stack has already',
    ],
    [
      'that asks for another secret of the stack',
      { name: 'a', slack: { urlSecret: 'postgres-password' } },
      'alerting.receivers.0.slack.urlSecret: must begin with "alert-", as "alert-slack-url"',
    ],
    [
      'with two addresses',
      { name: 'a', webhook: { url: 'http://x', urlSecret: 'alert-u' } },
      'alerting.receivers.0.webhook: needs either url or urlSecret',
    ],
    [
      'with an address that is none',
      { name: 'a', webhook: { url: 'file:///etc/passwd' } },
      'alerting.receivers.0.webhook.url: must be an http or https URL',
    ],
    [
      'with half a login',
      { name: 'a', email: { to: 'a@b', from: 'c@d', smarthost: 's:25', username: 'u' } },
      'alerting.receivers.0.email: needs username and passwordSecret together, or neither',
    ],
  ])('refuses a receiver of alerts %s', (_what, receiver, problem) => {
    expect(problemsOf({ file: { alerting: { receivers: [receiver] } } })).toEqual([problem]);
  });

  it('refuses two receivers of one name, and two rule files of one name', () => {
    const receiver = { name: 'a', pagerduty: { routingKeySecret: 'alert-k' } };
    const alerting = { receivers: [receiver, receiver], rules: ['x/a.yml', 'y/a.yml'] };
    expect(problemsOf({ file: { alerting } })).toEqual([
      'alerting.receivers.1.name: a is there twice',
      'alerting.rules.1: another file is called a.yml too',
    ]);
  });

  it('refuses a rule file above the project', () => {
    expect(problemsOf({ file: { alerting: { rules: ['rules/../../etc/a.yml'] } } })).toEqual([
      'alerting.rules.0: must be a YAML file below the project root',
    ]);
  });

  it('refuses a file that is a list', () => {
    expect(problemsOf({ file: ['ports'] })).toEqual(['apictl.yaml: must be a map of keys, as "ports:"']);
  });

  it('leaves the sources as they were', () => {
    const file = { ports: { admin: 9001 } };
    configOf({ file, environment: { APICTL_PORTS_PROXY: '9000' } });
    expect(file).toEqual({ ports: { admin: 9001 } });
  });
});
