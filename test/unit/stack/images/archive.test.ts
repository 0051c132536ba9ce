import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { ContextFile } from '../../../../src/core/ports/build-contexts.ts';
import { archiveOf } from '../../../../src/stack/images/archive.ts';

const large = Buffer.alloc(3_000_000, 'x');
const files: ContextFile[] = [
  { path: 'z/large.bin', mode: 0o644, content: { bytes: large } },
  { path: 'a.sh', mode: 0o755, content: { bytes: Buffer.from('#!/bin/sh') } },
  { path: 'link', mode: 0o777, content: { linkTo: 'a.sh' } },
];

describe('the archive of a build context', () => {
  it('holds every file with its mode, sorted, owned by root and without a date of its own', async () => {
    const archive = extract();
    archiveOf(files).pipe(archive);
    const entries = [];
    for await (const entry of archive) {
      let length = 0;
      for await (const chunk of entry) length += (chunk as Buffer).length;
      const { name, mode, mtime, uid, gid, type, linkname } = entry.header;
      entries.push([name, type, mode, length, linkname ?? null, mtime?.getTime(), uid, gid]);
    }
    expect(entries).toEqual([
      ['a.sh', 'file', 0o755, 9, null, 0, 0, 0],
      ['link', 'symlink', 0o777, 0, 'a.sh', 0, 0, 0],
      ['z/large.bin', 'file', 0o644, 3_000_000, null, 0, 0, 0],
    ]);
  });

  it('is the same bytes for the same files', async () => {
    const first = await buffer(archiveOf(files));
    expect(first.equals(await buffer(archiveOf([...files].reverse())))).toBe(true);
  });
});
