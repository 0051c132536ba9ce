import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';

const secret = new Secret('hunter2');

it.each([
  ['interpolated', `${secret}`],
  ['concatenated', `a${secret.toString()}`],
  ['serialised', JSON.stringify({ secret })],
  ['inspected', inspect({ secret }, { depth: 5, showHidden: true })],
  ['spread', JSON.stringify({ ...secret })],
])('a secret that is %s does not show its value', (_how, text) => {
  expect(text).not.toContain('hunter2');
});

it('a secret gives its value only when it is revealed', () => {
  expect(secret.reveal()).toBe('hunter2');
});
