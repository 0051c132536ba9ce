import { appendFile, mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Follower } from '../../src/follow/follower.ts';
import { createMasker } from '../../src/mask/mask.ts';
import { scratchDirectory } from '../support/scratch.ts';

let folder: string;
let elsewhere: string;
let nowMs: number;
let read: string[];

beforeEach(async () => {
  const root = await scratchDirectory();
  [folder, elsewhere] = [join(root, 'logs'), join(root, 'elsewhere')];
  await mkdir(folder);
  await mkdir(elsewhere);
  nowMs = Date.now();
  read = [];
});

function follower(): Follower {
  const fail = (_kind: string, path: string, error: unknown): void => {
    throw new Error(path, { cause: error });
  };
  return new Follower(
    {
      directories: [folder],
      intervalMs: 1000,
      rotateBytes: 1e9,
      rotateKeep: 1,
      maxLineBytes: 1e6,
      masker: createMasker([]),
      nowMs: () => nowMs,
    },
    {
      deliver: async (intakes) => {
        read.push(...intakes.map(({ content }) => Buffer.from(content).toString()));
      },
      onUnparsable: () => undefined,
      onTruncated: () => undefined,
      onRotated: () => undefined,
      onRemoved: () => undefined,
      onError: fail,
    },
    [],
  );
}

describe('a followed file', () => {
  it('that was out of sight for a look goes on where it had been read to', async () => {
    const path = join(folder, 'access.ndjson');
    await writeFile(path, '{"n":1}\n{"n":2}\n');
    const following = follower();
    await following.round();
    await rename(path, join(elsewhere, 'access.ndjson'));
    await following.round();
    expect(following.files).toEqual([]);
    await rename(join(elsewhere, 'access.ndjson'), path);
    await appendFile(path, '{"n":3}\n');
    await following.round();
    expect(read).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  });

  it('that was removed with half a last line is let go once nothing more can come, the half line taken', async () => {
    const path = join(folder, 'access.ndjson');
    await writeFile(path, '{"n":1}\n{"half":');
    const following = follower();
    await following.round();
    await unlink(path);
    await following.round();
    expect(following.files).toHaveLength(1);
    nowMs += 120_000;
    await following.round();
    await following.round();
    expect(following.files).toEqual([]);
    expect(read[0]).toBe('{"n":1}');
    expect(read[1]).toContain('half');
    expect(read).toHaveLength(2);
  });
});
