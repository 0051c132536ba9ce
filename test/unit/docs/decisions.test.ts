import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../../docs/adr/', import.meta.url));

it('every decision has a number of its own, the same in its name and its heading, without a gap', () => {
  const names = readdirSync(FOLDER).sort();
  const numbers = names.map((name) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]));
  expect(numbers).toEqual(names.map((_, index) => index + 1));
  const headings = names.map((name) => Number(/^# (\d+)\. /.exec(readFileSync(FOLDER + name, 'utf8'))?.[1]));
  expect(headings).toEqual(numbers);
});
