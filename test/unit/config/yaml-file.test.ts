import { describe, expect, it } from 'vitest';
import { readYaml, withLines } from '../../../src/config/yaml-file.ts';

const TEXT = `project: shop
ports:
  proxy: 99999
  # the second one
  admin: 8001
logging:
  maskPatterns:
    - ok
    - "(("
alerting: { window: 10s }
`;

describe('the file apictl.yaml', () => {
  it('is told line and column of every place where it is no YAML', () => {
    expect(readYaml('a: [1\nb: 2\n')).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/^line 2, column 1: /)],
    });
  });

  it.each([101, 50_000])('is told where its %i levels are too many', (levels) => {
    expect(readYaml(`project: shop\nports: ${'['.repeat(levels)}`)).toEqual({
      ok: false,
      problems: ['line 2, column 108: is nested more than 100 levels deep'],
    });
  });

  it.each([
    [
      'logging:\n  maskPatterns: [*card]\n',
      'line 2, column 18: the alias *card has no anchor &card before it; put quotes around a text that begins with *',
    ],
    [
      `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]\n`,
      'line 2, column 8: the aliases from here on stand for too many values',
    ],
  ])('is told the alias that stands for nothing, or for too much', (text, problem) => {
    expect(readYaml(text)).toEqual({ ok: false, problems: [problem] });
  });

  it('may have aliases', () => {
    expect(readYaml('a: &a [1]\nb: *a\n')).toEqual({ ok: true, value: { a: [1], b: [1] } });
  });

  it('is told in words for people that it has one document', () => {
    expect(readYaml('project: a\n---\nproject: b\n')).toEqual({
      ok: false,
      problems: ['line 2, column 1: there is a second document after ---; a file has one'],
    });
  });

  it('is told that it is no configuration where it is as large as none', () => {
    expect(readYaml(`project: ${'a'.repeat(1_000_000)}`)).toEqual({
      ok: false,
      problems: ['the file has 1000009 characters; a configuration has at most 262144'],
    });
  });

  it('is told the lines of twenty thousand wrong keys, each found at once', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `p${index}`);
    const located = withLines(
      `ports:\n${keys.map((key) => `  ${key}: 1\n`).join('')}`,
      keys.map((key) => `ports.${key}: no such key`),
    );
    expect([located.length, located.at(-1)]).toEqual([20_000, 'line 20001: ports.p19999: no such key']);
  });

  it('is told the place once', () => {
    expect(readYaml('project: a\nproject: b\n')).toEqual({
      ok: false,
      problems: ['line 2, column 1: Map keys must be unique'],
    });
  });

  it('is told its problems from top to bottom, then those of other places', () => {
    expect(withLines(TEXT, ['alerting.window: a', 'bind: b', 'ports.proxy: c', 'ports.admin: d'])).toEqual([
      'line 3: ports.proxy: c',
      'line 5: ports.admin: d',
      'line 10: alerting.window: a',
      'bind: b',
    ]);
  });

  it.each([
    ['ports.proxy: must be smaller', 'line 3: ports.proxy: must be smaller'],
    ['ports.admin: is also ports.proxy', 'line 5: ports.admin: is also ports.proxy'],
    ['logging.maskPatterns.1: is no pattern', 'line 9: logging.maskPatterns.1: is no pattern'],
    ['alerting.window: must be at least 60s', 'line 10: alerting.window: must be at least 60s'],
    ['ports: must be a map', 'line 2: ports: must be a map'],
  ])('has a line for the problem %j', (problem, told) => {
    expect(withLines(TEXT, [problem])).toEqual([told]);
  });

  it.each([
    'ports.proxy: must be smaller, found 99999 (from APICTL_PORTS_PROXY in .env)',
    'tls.hosts: must not be empty',
    'APICTL_PORT in the environment: no such setting',
  ])('has none for what stands elsewhere: %j', (problem) => {
    expect(withLines(TEXT, [problem])).toEqual([problem]);
  });
});
