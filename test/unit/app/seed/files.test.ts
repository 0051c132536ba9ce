import { describe, expect, it } from 'vitest';
import { declaredFiles } from '../../../../src/app/seed/files.ts';
import { EXIT } from '../../../../src/core/errors.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { failure } from '../../../fakes/seed-run.ts';

const reading = (bytes: Buffer) =>
  declaredFiles(
    {
      files: { ...memoryFiles({ '/shop/k.yaml': '' }), read: async () => bytes },
      packageRoot: '/installed',
      workingFolder: '/shop',
    },
    { root: '/shop' },
    ['k.yaml'],
  );

describe('a declaration', () => {
  it('is text in UTF-8', async () => {
    expect(await reading(Buffer.from('naïve: “ünïcode”\n'))).toEqual([
      { path: 'k.yaml', text: 'naïve: “ünïcode”\n' },
    ]);
  });

  it('in another encoding is refused with the line, before names come to Kong that nobody wrote', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a: ü\nb: c\nname: caf'),
      Buffer.from([0xe9]),
      Buffer.from('\n'),
    ]);
    expect(await failure(reading(bytes))).toMatchObject({
      code: 'SEED_FILE_UNREADABLE',
      exitCode: EXIT.usage,
      message: 'k.yaml:3: this is no text in UTF-8',
    });
  });
});

it('a declaration that is named twice is read once', async () => {
  const world = {
    files: memoryFiles({ '/shop/k.yaml': 'one' }),
    packageRoot: '/installed',
    workingFolder: '/shop',
  };
  const found = await declaredFiles(world, { root: '/shop' }, ['k.yaml', './k.yaml', '/shop/k.yaml']);
  expect(found.map(({ text }) => text)).toEqual(['one']);
});

const of = (files: Readonly<Record<string, string>>) =>
  declaredFiles(
    {
      files: memoryFiles({ '/installed/kong/kong.yaml': 'packaged', ...files }),
      packageRoot: '/installed',
      workingFolder: '/shop',
    },
    { root: '/shop' },
    [],
  );

describe('without --file', () => {
  it('kong/kong.yaml is read, whatever lies beside it', async () => {
    const files = { '/shop/kong/kong.yaml': 'own', '/shop/kong/notes.yml': 'x' };
    expect(await of(files)).toEqual([{ path: 'kong/kong.yaml', text: 'own' }]);
  });

  it.each([{}, { '/shop/kong/.gitkeep': '' }])(
    'the packaged one is where there is none: %j',
    async (files) => {
      expect(await of(files)).toEqual([{ path: 'kong/kong.yaml (packaged)', text: 'packaged' }]);
    },
  );

  it('a misnamed file is told, and the packaged one does not take its place', async () => {
    expect(await failure(of({ '/shop/kong/kong.yml': 'own' }))).toMatchObject({
      code: 'SEED_FILE_MISSING',
      exitCode: EXIT.usage,
      message: 'there is no kong/kong.yaml, but kong/ holds kong.yml',
      hint: expect.stringContaining('"mv kong/kong.yml kong/kong.yaml"'),
    });
    expect(await failure(of({ '/shop/kong/b.json': '', '/shop/kong/kong.yaml.old': '' }))).toMatchObject({
      message: 'there is no kong/kong.yaml, but kong/ holds b.json, kong.yaml.old',
      hint: expect.stringContaining('--file'),
    });
  });
});
