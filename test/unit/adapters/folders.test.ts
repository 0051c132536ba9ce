import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../src/adapters/files.ts';
import { makeFolders } from '../../../src/adapters/folders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-folders-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('making folders', () => {
  it('makes those above too, and is content with what is there', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await makeFolders(path, 0o700);
    await makeFolders(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
  });

  it('fails where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolders(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolders(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(platform() === 'linux')('ends where a folder takes none, and says which', async () => {
    await expect(makeFolders('/proc/apictl/below')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(localFiles.write('/proc/apictl/below/file', '')).rejects.toMatchObject({
      code: 'FILE_UNUSABLE',
      exitCode: 8,
      message: expect.stringContaining('/proc/apictl/below/file cannot be used: its folder cannot be made'),
    });
  });
});
