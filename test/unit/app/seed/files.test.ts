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
