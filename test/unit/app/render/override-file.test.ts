import { describe, expect, it } from 'vitest';
import { readOverride } from '../../../../src/app/render/override-file.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const read = (text: string) => readOverride(memoryFiles({ '/shop/compose.override.yaml': text }), '/shop');

describe('compose.override.yaml', () => {
  it('that is no YAML is an error of usage that names file and line once', async () => {
    await expect(read('services:\n  kong: {}\n  kong: {}\n')).rejects.toMatchObject({
      code: 'OVERRIDE_INVALID',
      exitCode: 64,
      object: '/shop/compose.override.yaml',
      message: 'compose.override.yaml cannot be read: line 3, column 3: Map keys must be unique',
      details: [],
    });
  });

  it('is read as it stands', async () => {
    expect(await read('services: {}\n')).toBe('services: {}\n');
  });

  it('need not be there', async () => {
    expect(await readOverride(memoryFiles({}), '/shop')).toBeNull();
  });
});
