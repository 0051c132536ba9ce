import { describe, expect, it } from 'vitest';
import { luaPattern } from '../../src/schema/lua-pattern.ts';
import { compilePcre, PcreError } from '../../src/schema/pcre.ts';
import { compactTable, prettyTable } from '../../src/schema/pretty.ts';

describe('a Lua pattern', () => {
  it.each([
    ['^%u+$', 'GET', true],
    ['^%u+$', 'get', false],
    ['^[^*]*%*?[^*]*$', '*.test', true],
    ['^[^*]*%*?[^*]*$', '*.*', false],
    ['%.%*$', 'example.*', true],
    ['^[^*&%%\\`]+$', '/tmp/a.log', true],
    ['^[^*&%%\\`]+$', '/tmp/100%', false],
    ['^[^*&%%\\`]+$', '/tmp/a\\b', false],
    ['^[Cc]ontent%-[Tt]ype$', 'content-type', true],
  ])('%s judges %s', (pattern, text, isMatch) => {
    expect(luaPattern(pattern).test(text)).toBe(isMatch);
  });
});

describe('a Lua table', () => {
  it('is printed with sorted keys, on one line for keys of entities', () => {
    expect(compactTable({ service: null, name: 'a "b"', consumer: { id: 'x' } })).toBe(
      '{consumer={id="x"},name="a \\"b\\"",service=null}',
    );
  });

  it('is printed over lines for nested errors, and a hole in a list is told by the position after it', () => {
    expect(prettyTable({ healthy: { interval: 'bad' } })).toBe(
      '{\n  healthy = {\n    interval = "bad"\n  }\n}',
    );
    expect(prettyTable([null, 'bad'])).toBe('{\n  [2] = "bad"\n}');
    expect(prettyTable({ 'x-y': 'z' })).toBe('{\n  ["x-y"] = "z"\n}');
  });
});

describe('a PCRE pattern', () => {
  it('may begin with flags and name groups in its own way', () => {
    expect(compilePcre('(?i)^/A(?P<id>[0-9]+)$').exec('/a12')?.groups).toEqual({ id: '12' });
    expect(compilePcre('^/(?>ab|a)++$').test('/abab')).toBe(true);
  });

  it('is refused in the words of PCRE', () => {
    expect(() => compilePcre('/(a')).toThrow(PcreError);
    expect(() => compilePcre('/(a')).toThrow('pcre2_compile() failed: missing closing parenthesis in "/(a"');
  });
});
