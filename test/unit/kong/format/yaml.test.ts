import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { locate, type Path } from '../../../../src/kong/format/locate.ts';
import { type PlainYaml, plainYaml } from '../../../../src/kong/format/yaml.ts';

/** The quick parser and the one that knows places must never read a file differently. */

const SCALARS =
  '010 0o17 0x1F 1_000 0b1 1e3 1.5E-2 .5 1. -0 +1 .inf -.INF .nan yes no on off ~ null Null True FALSE tRue 2026-01-01 12:30 1:2:3 = << "5" \'x\' 0x 0o9 1e 1.2.3 -'.split(
    ' ',
  );

describe('a plain YAML document', () => {
  it.each(SCALARS)('has %s as the other parser has it', (scalar) => {
    const text = `key: [${scalar}, x]\nother:\n  - ${scalar}\n  - y: ${scalar}\n`;
    let expected: unknown;
    try {
      expected = parse(text);
    } catch {
      expected = undefined;
    }
    const value = plainYaml(text)?.value;
    // Undefined: it is left to the other one.
    if (value !== undefined) expect(value).toEqual(expected);
  });

  it('has blocks, folded texts, comments and JSON as the other parser has them', () => {
    for (const text of [
      'a: |\n  one\n  two\nb: >-\n  one\n  two\nc: "x\\ty"\n# end\n',
      '{"a": [1, {"b": null}], "c": "\\u00e9"}',
      'empty:\nlist:\n- a\n- b: 1\n  c: 2\n',
    ]) {
      expect(plainYaml(text)?.value).toEqual(parse(text));
    }
  });

  it.each([
    'a: &x 1\nb: *x\nc: &x [2]\nd: *x\n',
    'a: &x { k: 1, l: { m: 2 } }\nb: { <<: *x, k: 3 }\nc: { k: 4, <<: *x }\n',
    'a: &x { k: 1 }\nb: &y { k: 2, n: 3 }\nc: { <<: [*x, *y], o: 4 }\nd: { <<: { p: 5 }, <<: *x }\n',
    'a: &x\n  - 1\nb:\n  <<: &z { q: 1 }\n  r: *z\n',
    'a: { "<<": 1, b: << }\n',
  ])('has the anchors, aliases and merges of %j as the other parser has them', (text) => {
    const value = plainYaml(text)?.value;
    // Undefined: it is left to the other one.
    if (value !== undefined) expect(value).toEqual(parse(text, { merge: true }));
  });

  it.each([
    ['an alias of nothing', 'a: *x\n'],
    ['a merge of what is no map', 'a: { <<: [1] }\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['nothing', ' \n'],
    ['a mistake', 'a: [1\n'],
  ])('is left to the other parser with %s', (_name, text) => {
    expect(plainYaml(text)).toBeUndefined();
  });

  it('has every map and list of a list at the line where the parser of places has it', () => {
    const text = [
      '# above',
      'services:',
      '  - name: a',
      '    routes: [{ name: b, paths: [/x] },',
      '      { name: c,',
      '        paths: [/y] }]',
      '  -',
      '    # between',
      '    name: d',
      '    routes:',
      '    - paths:',
      '        - /z',
      '    - paths: [/z]',
      '      headers: { x-long: ["*.test"] }',
      '  - { name: e, routes: [',
      '      { paths: [/q] } ] }',
      'consumers: [',
      '  { username: f } ]',
      '',
    ].join('\n');
    const { lineOf } = plainYaml(text) as PlainYaml;
    const { placeOf } = locate('k.yaml', text);
    const services = [0, 1, 2].map((index) => ['services', index]);
    const routes = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
    ].map(([service = 0, route = 0]) => ['services', service, 'routes', route]);
    const paths: readonly Path[] = [...services, ...routes, ['consumers', 0]];
    expect(paths.map(lineOf)).toEqual(paths.map((path) => placeOf(path).line));
  });

  it('does not know the line of a text, of what an alias stands for, and of what is not there', () => {
    const { lineOf } = plainYaml('a: [x]\nb: [{ c: 1 }]\n') as PlainYaml;
    expect([['a', 0], ['b', 1], ['b', 0, 'c', 'd'], []].map(lineOf)).toEqual(Array(4).fill(undefined));
    expect(plainYaml('a: &x [{ b: 1 }]\nc: *x\n')?.lineOf(['c', 0])).toBeUndefined();
  });
});
