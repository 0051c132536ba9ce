import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileError } from '../../../src/adapters/file-errors.ts';
import { localFiles } from '../../../src/adapters/files.ts';
import { kernelLock } from '../../../src/adapters/kernel-lock.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'apictl-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'file'), '');

const lock = (path: string) => kernelLock(fakeClock()).take({ path, command: 'up', waitMs: 0 });

describe('a project root that cannot be written', () => {
  const below = join(folder, 'file', '.apictl', 'lock');

  it.each([
    ['taking the lock', () => lock(below)],
    ['writing a file', () => localFiles.write(below, '')],
  ])('is told by %s in plain words', async (_what, work) => {
    await expect(work()).rejects.toMatchObject({ code: 'FILE_UNUSABLE', exitCode: 8, object: below });
    await expect(work()).rejects.toThrow('a part of its path is a file, not a folder');
  });

  it('knows what Node.js says where a folder cannot be made on a read-only file system', () => {
    const thrown = Object.assign(new Error('ENOENT: mkdir'), { code: 'ENOENT' });
    expect(fileError('/srv/.apictl/lock', thrown).message).toContain('the file system is read-only');
  });

  it('says of a folder in the place of the lock what it is', async () => {
    await expect(lock(folder)).rejects.toThrow('it is a folder, not a file');
    await expect(lock(folder)).rejects.toMatchObject({
      hint: 'Give the path of a file; where the name is not yours to choose, move the folder away.',
    });
  });
});
