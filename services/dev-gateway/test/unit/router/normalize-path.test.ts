import { expect, test } from 'vitest';
import { normalizePath } from '../../../src/router/normalize-path.ts';
import { compilePath } from '../../../src/router/path-pattern.ts';

test.each([
  ['/api/x', '/api/x'],
  ['/%61pi', '/api'],
  ['//api///x', '/api/x'],
  ['/a/../api', '/api'],
  ['/../../api', '/api'],
  ['/api/.', '/api/'],
  ['/api/..', '/'],
  ['/%2e%2e/api', '/api'],
  ['/a%2fb', '/a%2Fb'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/.well-known/x', '/.well-known/x'],
])('%s is the same as %s', (spelled, canonical) => {
  expect(normalizePath(spelled)).toBe(canonical);
});

test('a path of the configuration with characters beyond ASCII matches their escapes', () => {
  expect(compilePath('/café').match('/caf%C3%A9/menu')?.matched).toBe('/caf%C3%A9');
});
