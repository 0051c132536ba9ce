import { expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { yamlText } from '../../../../src/stack/render/yaml-text.ts';
import { AWKWARD_TEXT } from './matrix.ts';

it('is read the same by a reader of YAML 1.2 and by one that still knows 1.1', () => {
  const tree = { environment: AWKWARD_TEXT, list: Object.values(AWKWARD_TEXT) };
  const text = yamlText(tree, ['generated']);
  expect(parseYaml(text)).toEqual(tree);
  expect(parseYaml(text, { version: '1.1' })).toEqual(tree);
});

it('writes words without quotes, and quotes what could be taken for a number, a time or a truth value', () => {
  const text = yamlText({ a: 'kong:3.8.0', b: '1_000', c: 'no', d: '12:30', e: true, f: 8000 }, []);
  expect(text).toBe('a: kong:3.8.0\nb: "1_000"\nc: "no"\nd: "12:30"\ne: true\nf: 8000\n');
});

it('writes scripts line by line, and a value that occurs twice in full', () => {
  const list = ['x'];
  expect(yamlText({ a: 'set -e\nexec true\n', b: list, c: list }, [])).toBe(
    'a: |\n  set -e\n  exec true\nb:\n  - x\nc:\n  - x\n',
  );
});

it('escapes the line ends and controls of Unicode, which a reader would fold or refuse', () => {
  expect(yamlText({ a: '\u0085\u2028\u2029\ufeff\u009f' }, [])).toBe(
    'a: "\\u0085\\u2028\\u2029\\ufeff\\u009f"\n',
  );
});

it('puts the comment in front', () => {
  expect(yamlText({ a: 1 }, ['one', 'two'])).toBe('# one\n# two\n\na: 1\n');
});
