import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../fakes/command-line.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const SHOP = { '/srv/shop/apictl.yaml': 'project: shop\n', '/srv/shop/django/app/readme': '' };

/** What a command in this folder warns of. */
const warnings = async (
  workingFolder: string,
  files: Readonly<Record<string, string>> = SHOP,
  ...words: readonly string[]
) => {
  const { events, error } = await runCommand(
    { files: memoryFiles(files), workingFolder, clock: { now: () => 0, sleep: async () => {} } },
    ...words,
    'secrets',
    'ls',
  );
  expect(error).toBeUndefined();
  return events.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
};

describe('a command in a folder without apictl.yaml', () => {
  it('is told the nearest one above, and what to type for it', async () => {
    expect(await warnings('/srv/shop/django/app')).toEqual([
      'there is no apictl.yaml in /srv/shop/django/app, so this is about a project of its own; for the one of /srv/shop go there, or give --config ../../apictl.yaml',
    ]);
  });

  it.each([
    ['is in the project’s own folder', '/srv/shop', SHOP, []],
    ['has none above', '/srv', SHOP, []],
    ['was used for a stack', '/srv/shop/demo', { ...SHOP, '/srv/shop/demo/.apictl/compose.yaml': '' }, []],
    ['is given a file', '/srv/shop/django', SHOP, ['--config', '../apictl.yaml']],
    ['is given the name of a project', '/srv/shop/django', SHOP, ['--project', 'second']],
  ])('is told nothing where it %s', async (_why, folder, files, words) => {
    expect(await warnings(folder, files, ...words)).toEqual([]);
  });
});
