import { describe, expect, it } from 'vitest';
import { escapeForCompose, resolveMap, unescaped } from '../../../../src/stack/render/placeholders.ts';

const values = {
  port: 8000,
  name: 'kong',
  on: true,
  off: false,
  nothing: null,
  list: ['a$1', 'b'],
  map: { KEY: '$HOME', OTHER: '2' },
  ports: { proxy: 8000, proxyTls: 8443 },
};
const resolve = (tree: Record<string, never> | object, encode = unescaped) =>
  resolveMap(tree as Record<string, string>, { values, encode, file: 'compose/fragments/kong.yaml' });

describe('a placeholder', () => {
  it('that stands alone becomes the typed value', () => {
    expect(resolve({ a: '{{ ports.proxy }}', b: '{{on}}', c: '{{ list }}' })).toEqual({
      a: 8000,
      b: true,
      c: ['a$1', 'b'],
    });
  });

  it('inside a longer text becomes text, as often as it occurs', () => {
    expect(resolve({ a: 'http://{{ name }}:{{ port }}/{{ port }}' })).toEqual({
      a: 'http://kong:8000/8000',
    });
  });

  it('that is null removes its key, or its item from a list', () => {
    expect(resolve({ a: '{{ nothing }}', b: ['x', '{{ nothing }}', 'y'] })).toEqual({ b: ['x', 'y'] });
  });

  it('has the dollars of its value doubled for Compose; those of the fragment stay as they are written', () => {
    expect(resolve({ a: '$$x {{ map.KEY }}', b: '{{ list }}', c: '{{ map }}' }, escapeForCompose)).toEqual({
      a: '$$x $$HOME',
      b: ['a$$1', 'b'],
      c: { KEY: '$$HOME', OTHER: '2' },
    });
  });

  it('is not looked for in values: what it inserted is text', () => {
    const inserted = resolveMap(
      { a: '{{ v }}', b: 'x{{ v }}' },
      {
        values: { v: '{{ port }}' },
        encode: unescaped,
        file: 'f',
      },
    );
    expect(inserted).toEqual({ a: '{{ port }}', b: 'x{{ port }}' });
  });

  it('of another template language is left alone', () => {
    const text = '{{ $labels.instance }} {{ .Value }} {{ printf "%s" . }}';
    expect(resolve({ a: text })).toEqual({ a: text });
  });

  it('that does not exist is an error with the file, the place and the name that was meant', () => {
    expect(() => resolve({ healthcheck: { test: ['CMD', '{{ ports.proxyTsl }}'] } })).toThrow(
      'compose/fragments/kong.yaml: healthcheck.test.1: there is no value {{ ports.proxyTsl }}, did you mean proxyTls?',
    );
  });

  it('does not reach what every object inherits', () => {
    expect(() => resolve({ a: '{{ constructor }}' })).toThrow('there is no value {{ constructor }}');
  });

  it('of a list or a map cannot stand inside a longer text', () => {
    for (const text of ['x {{ list }}', 'x {{ map }}', 'x {{ nothing }}']) {
      expect(() => resolve({ a: text })).toThrow('is not a single value and must stand alone');
    }
  });
});

describe('a directive', () => {
  it('x-when keeps a map where the value is there, drops it where it is false or null, and is not written', () => {
    const tree = {
      jobs: [
        { name: 'kept', 'x-when': 'on' },
        { name: 'number', 'x-when': 'port' },
        { name: 'dropped', 'x-when': 'off' },
        { name: 'absent', 'x-when': 'nothing' },
      ],
      section: { 'x-when': 'off', a: 1 },
    };
    expect(resolve(tree)).toEqual({ jobs: [{ name: 'kept' }, { name: 'number' }] });
  });

  it('x-when of a value that does not exist is an error, so that a slip does not drop a section', () => {
    expect(() => resolve({ job: { 'x-when': 'onn' } })).toThrow(
      'job.x-when: there is no value {{ onn }}, did you mean on?',
    );
  });

  it('does not look into a map that it drops', () => {
    expect(resolve({ job: { 'x-when': 'off', a: '{{ unknown }}' } })).toEqual({});
  });

  it('x-merge lays a map of values over its own, dollars doubled', () => {
    expect(resolve({ env: { OTHER: '1', MINE: 'x', 'x-merge': 'map' } }, escapeForCompose)).toEqual({
      env: { OTHER: '2', MINE: 'x', KEY: '$$HOME' },
    });
  });

  it('x-merge of something that is no map is an error', () => {
    expect(() => resolve({ env: { 'x-merge': 'list' } })).toThrow('env.x-merge: list is not a map');
  });
});
