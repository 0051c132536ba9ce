import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { listAt } from '../../../src/stack/render/compose-tree.ts';
import { fieldsOfPattern } from '../../support/index-templates.ts';
import { type Plugin, readPipeline, type Value } from '../../support/logstash-pipeline.ts';
import { packagedFragments, renderDefault } from '../stack/render/matrix.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
/** Where the container has the script that takes credentials out. */
const FILTER = '/usr/share/logstash/filters/credentials.rb';
const fragments = await packagedFragments();
const source = read('elk/logstash/pipeline/kong.conf');
const pipeline = readPipeline(source);
const records = read('test/fixtures/kong/samples/file-log.ndjson')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown);
const fields = fieldsOfPattern.get('logs-kong.access-*') ?? new Map<string, string>();

/** The settings that the plugins' documentation names, as far as they are used; Logstash does not start with another. */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  file: ['path', 'exclude', 'mode', 'start_position', 'sincedb_path', 'stat_interval', 'codec'],
  json: ['target'],
  date: ['match', 'target'],
  mutate: ['remove_field', 'copy', 'add_field'],
  ruby: ['path', 'script_params'],
  prune: ['whitelist_names'],
  elasticsearch: [
    ...['hosts', 'user', 'password', 'data_stream', 'data_stream_type', 'data_stream_dataset'],
    ...['data_stream_namespace', 'data_stream_sync_fields', 'ssl_certificate_authorities'],
  ],
};

const pluginsOf = (name: string): Plugin[] =>
  [...pipeline.values()].flat().filter(({ plugin }) => plugin === name);
const settings = (name: string, setting: string): Value[] =>
  pluginsOf(name).flatMap(({ attributes }) =>
    attributes.flatMap(([key, value]) => (key === setting ? [value] : [])),
  );
const texts = (value: Value): string[] => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(texts) : [];
};
const pairs = (value: Value): (readonly [string, Value])[] =>
  typeof value === 'object' && 'hash' in value ? [...value.hash] : [];
/** `[kong][request]` -> its names. */
const namesOf = (reference: string): string[] => reference.split(/[[\]]+/).filter((name) => name !== '');
const dotted = (reference: string): string => namesOf(reference).join('.');
const at = (record: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], record);

describe('the grammar of a pipeline', () => {
  it.each([
    ['a section that is none', 'inputs { }', 'line 1: inputs where input, filter or output belongs'],
    ['a plugin without braces', 'filter {\n  mutate\n}', 'line 3: } where { belongs'],
    ['a setting without an arrow', 'filter { date { match "a" } }', '"a" where => belongs'],
    ['a colon for an arrow', 'filter { date { match: "a" } }', ': "a" } } is nothing'],
    ['a text that does not end', 'filter { date { match => "a } }', 'is nothing'],
    ['a comma after the last element', 'filter { date { match => ["a",] } }', '] where a name belongs'],
    ['a comma between settings', 'filter { date { match => "a", target => "b" } }', ', where a name belongs'],
    ['a condition without its operand', 'filter { if [a] == { } }', '{ where a field or a value belongs'],
    ['a section that does not end', 'output { stdout { }', 'the end of the file where } belongs'],
    ['an else without an if', 'filter { else { drop { } } }', 'line 1: { where => belongs'],
  ])('refuses %s', (_what, text, message) => {
    expect(() => readPipeline(text)).toThrow(message);
  });

  it('takes what Logstash’s documentation shows', () => {
    const plugins = readPipeline(`
      input { generator { count => 3 lines => ["a", 'b'] codec => json } }
      filter {
        # a comment
        if [a][b] =~ /^x\\/y$/ and !("t" in [tags] or [n] >= 2.5) { mutate { id => "one" } }
        else if [c] not in ["u", "v"] { date { match => [ "t", "ISO8601" ] } }
        else { mutate { rename => { "[a]" => "b" "c" => "d" } } }
      }
      output { stdout { codec => rubydebug { metadata => true } } }`);
    expect([...plugins].map(([section, found]) => [section, ...found.map(({ plugin }) => plugin)])).toEqual([
      ['input', 'generator'],
      ['filter', 'mutate', 'date', 'mutate'],
      ['output', 'stdout'],
    ]);
  });
});

describe('the pipeline of Kong’s log', () => {
  it('reads one file, and writes to one data stream that has a template', () => {
    expect(pipeline.get('input')?.map(({ plugin }) => plugin)).toEqual(['file']);
    expect(texts(settings('file', 'path')).every((path) => path.startsWith('/var/log/kong/'))).toBe(true);
    expect(pipeline.get('output')?.map(({ plugin }) => plugin)).toEqual(['elasticsearch']);
    const [type, dataset] = ['data_stream_type', 'data_stream_dataset'].map(
      (name) => settings('elasticsearch', name)[0],
    );
    expect([...fieldsOfPattern.keys()]).toContain(`${type}-${dataset}-*`);
  });

  it('uses only settings that its plugins document', () => {
    const nested = (value: Value): Plugin[] =>
      typeof value === 'object' && 'plugin' in value ? [value] : [];
    const all = [...pipeline.values()].flat();
    for (const { plugin, attributes } of [
      ...all,
      ...all.flatMap((found) => found.attributes.flatMap(([, value]) => nested(value))),
    ])
      for (const [name] of attributes) expect(DOCUMENTED[plugin], plugin).toContain(name);
  });

  it('takes the time from the record, which has it in milliseconds', () => {
    const [reference, format] = texts(settings('date', 'match'));
    expect(format).toBe('UNIX_MS');
    expect(settings('date', 'target')).toEqual(['@timestamp']);
    for (const record of records) {
      expect(new Date(Number(at({ kong: record }, namesOf(reference ?? '')))).getUTCFullYear()).toBe(2026);
    }
  });

  it('fills only fields that the templates name, from fields that Kong writes', () => {
    const copies = settings('mutate', 'copy').flatMap(pairs);
    expect(copies.length).toBeGreaterThan(0);
    for (const [from, to] of copies) {
      expect([...fields.keys()]).toContain(dotted(String(to)));
      expect(
        records.some((record) => at({ kong: record }, namesOf(from)) !== undefined),
        from,
      ).toBe(true);
    }
    for (const [name] of settings('mutate', 'add_field').flatMap(pairs)) {
      expect([...fields.keys()]).toContain(dotted(name));
    }
  });

  it('lets through only what the templates map', () => {
    const kept = texts(settings('prune', 'whitelist_names')).map((pattern) => pattern.slice(1, -1));
    const mapped = new Set([...fields.keys()].map((field) => field.split('.')[0]));
    for (const name of kept) expect(mapped).toContain(name);
    expect(kept).toContain('@timestamp');
  });

  it('has fields for what Kong writes: each of the template’s is in a record', () => {
    const isWritten = (names: readonly string[]): boolean =>
      records.some((record) => {
        const found = at({ kong: record }, names);
        const inside = at({ kong: record }, names.slice(0, -1));
        return found !== undefined || (Array.isArray(inside) && at(inside[0], names.slice(-1)) !== undefined);
      });
    const missing = [...fields.keys()].filter(
      (name) => name.startsWith('kong.') && !isWritten(name.split('.')),
    );
    expect(missing).toEqual([]);
  });

  it('takes credentials, and what the user masks, out before anything is copied, and keeps no line as it was read', () => {
    const filters = pipeline.get('filter') ?? [];
    expect(filters.slice(0, 4)).toEqual([
      { plugin: 'mutate', attributes: [['remove_field', ['[event][original]']]] },
      { plugin: 'ruby', attributes: [['path', FILTER], expect.anything()] },
      // The time of a request is digits, and a pattern may be one of digits.
      { plugin: 'date', attributes: expect.anything() },
      {
        plugin: 'ruby',
        attributes: [
          ['path', `${dirname(FILTER)}/patterns.rb`],
          ['script_params', { hash: [['file', `${dirname(FILTER)}/patterns.json`]] }],
        ],
      },
    ]);
    const { services } = renderDefault(fragments, { flavour: 'official' }).compose;
    expect(listAt(services.logstash ?? {}, 'volumes')).toContainEqual(
      expect.objectContaining({ source: './config/logstash/filters', target: dirname(FILTER) }),
    );
  });
});

describe('the settings of Logstash', () => {
  it('keep what was read on disk, and what Elasticsearch refused', () => {
    expect(parseYaml(read('elk/logstash/logstash.yml'))).toMatchObject({
      'queue.type': 'persisted',
      // The blackbox exporter's module logstash_queue counts on it.
      'queue.max_bytes': '256mb',
      'dead_letter_queue.enable': true,
      'pipeline.ecs_compatibility': 'v8',
    });
  });
});
