import { expect, it } from 'vitest';
import { deepMerge } from '../../../../src/stack/render/deep-merge.ts';

it('merges maps key by key and replaces everything else, lists as a whole', () => {
  const below = { a: { x: 1, y: { z: 1 } }, list: ['1', '2'], text: 'below', map: { k: 1 } };
  const above = { a: { y: { w: 2 } }, list: ['3'], text: 'above', map: 'text' };
  expect(deepMerge(below, above)).toEqual({
    a: { x: 1, y: { z: 1, w: 2 } },
    list: ['3'],
    text: 'above',
    map: 'text',
  });
});

it('removes a key with null, and leaves both maps as they were', () => {
  const below = { networks: { 'kong-net': {} }, a: 1 };
  const above = { networks: null };
  expect(deepMerge(below, above)).toEqual({ a: 1 });
  expect(below).toEqual({ networks: { 'kong-net': {} }, a: 1 });
});
