import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { lockText, parseLock } from '../../../../src/stack/images/lock.ts';
import { pinned, unpinned } from '../../../../src/stack/images/pins.ts';
import { recipesFor } from '../../../../src/stack/images/recipes.ts';
import { packagedFragments, renderDefault } from '../render/matrix.ts';

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
const LOCK = {
  'postgres:13': {
    digest: digestOf('a'),
    ids: { 'linux/arm64': digestOf('c'), 'linux/amd64': digestOf('b') },
  },
  'kong:3.8.0': { digest: digestOf('d'), ids: {} },
};

describe('a lock of images', () => {
  it('is read as it was written, sorted', () => {
    const text = lockText(LOCK);
    expect(parseLock(text, '/p/images.lock')).toEqual(LOCK);
    expect(text.indexOf('kong')).toBeLessThan(text.indexOf('postgres'));
    expect(text.indexOf('amd64')).toBeLessThan(text.indexOf('arm64'));
    expect(lockText(parseLock(text, '/p/images.lock'))).toBe(text);
  });

  it.each([
    ['no JSON', '<<<<<<< HEAD', 'it is no JSON'],
    ['a newer format', '{"format":2,"images":{}}', 'format: '],
    [
      'a digest that is none',
      lockText(LOCK).replace('sha256:aaaa', 'sha256:zzzz'),
      'images / postgres:13 / digest: ',
    ],
    ['a name that is no reference', lockText(LOCK).replace('postgres:13', 'a b'), 'images'],
  ])('is refused for %s, with the place', (_what, text, words) => {
    expect(() => parseLock(text, '/p/images.lock')).toThrow(
      expect.objectContaining({
        code: 'IMAGES_LOCK_INVALID',
        exitCode: 64,
        message: expect.stringContaining(`/p/images.lock is no lock of images: ${words}`),
      }),
    );
  });
});

describe('the digests that published images are held to', () => {
  const pins = { 'kong:3.8.0': digestOf('d'), 'mine/api:1': digestOf('e') };

  it('stand behind the tag, wherever the image comes from', () => {
    expect(pinned('kong:3.8.0', undefined, pins)).toBe(`kong:3.8.0@${digestOf('d')}`);
    expect(pinned('kong:3.8.0', 'mirror.example', pins)).toBe(
      `mirror.example/library/kong:3.8.0@${digestOf('d')}`,
    );
    expect(pinned('postgres:13', undefined, pins)).toBe('postgres:13');
  });

  it('can be taken away again, and not what has no tag besides', () => {
    expect(unpinned(`localhost:5000/kong:3.8.0@${digestOf('d')}`)).toBe('localhost:5000/kong:3.8.0');
    expect(unpinned('kong:3.8.0')).toBe('kong:3.8.0');
    expect(unpinned(`localhost:5000/kong@${digestOf('d')}`)).toBe(`localhost:5000/kong@${digestOf('d')}`);
  });

  it('are rendered for each image that has one, and for no other', async () => {
    const config = configSchema.parse({ backends: { image: 'mine/api:1' } });
    const fragments = await packagedFragments();
    const plain = renderDefault(fragments, { config, flavour: 'official' }).compose.services;
    const { services } = renderDefault(fragments, {
      ...{ config, flavour: 'official' },
      pins: { ...pins, [plain.kong?.image ?? '']: digestOf('d') },
    }).compose;
    expect(services.kong?.image).toBe(`${plain.kong?.image}@${digestOf('d')}`);
    expect(services['backend-1']?.image).toBe(`mine/api:1@${digestOf('e')}`);
    expect(services.postgres?.image).toBe(plain.postgres?.image);
  });

  it('hold what images are built on, which gives these another name', () => {
    const config = configSchema.parse({});
    const node = `node:${config.versions.node}`;
    const input = { flavour: 'official', config, projectRoot: '/srv' } as const;
    const bases = recipesFor({ ...input, pins: { [node]: digestOf('d') } }).map(({ base }) => base);
    expect(bases[0]).toEqual({ kind: 'published', reference: `${node}@${digestOf('d')}` });
  });
});
