import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandsPage } from '../../../src/cli/commands-page.ts';

it('the README names every command', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const table = readme.slice(readme.indexOf('\n## Commands\n'), readme.indexOf('\n## Your own backend\n'));
  const verbs = [...commandsPage().matchAll(/^## apictl ([a-z]+)/gm)].map(([, verb]) => verb ?? '');
  expect(verbs.length).toBeGreaterThan(15);
  expect(verbs.filter((verb) => !new RegExp(`\`${verb}\\b`).test(table))).toEqual([]);
});
