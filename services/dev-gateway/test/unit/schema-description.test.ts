import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeSchema } from '../../src/schema/describe.ts';
import { isPlainRecord } from '../../src/schema/field.ts';
import { findPlugin, requireEntity } from '../../src/schema/registry.ts';

const FOLDER = new URL('../../../../test/fixtures/kong/samples/schemas/', import.meta.url);

/** Kong's prose is its own, and the order of lists and keys means nothing; everything else of its schemas is compared. */
function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutProse).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (!isPlainRecord(value)) return value;
  const entries = Object.entries(value).filter(
    ([name, part]) => name !== 'description' || typeof part !== 'string',
  );
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, withoutProse(part)]),
  );
}

const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

it.each(names)('the table of %s is shown as Kong shows it', (name) => {
  const recorded: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  const plugin = name.startsWith('plugin-') ? findPlugin(name.slice('plugin-'.length)) : undefined;
  const shown = describeSchema(plugin ?? requireEntity(name));
  expect(withoutProse(JSON.parse(JSON.stringify(shown)))).toEqual(withoutProse(recorded));
});
