import { expect, test } from 'vitest';
import { upstreamPath } from '../../../src/router/upstream-path.ts';

// The table of Kong's documentation of path handling, plus services without a path.
test.each([
  ['/s', '/fv0', '/fv0req', false, 'v0', '/s/fv0req'],
  ['/s', '/fv0', '/fv0', false, 'v0', '/s/fv0'],
  ['/s', '/tv0', '/tv0req', true, 'v0', '/s/req'],
  ['/s', '/tv0', '/tv0', true, 'v0', '/s'],
  ['/s', '/fv1', '/fv1req', false, 'v1', '/sfv1req'],
  ['/s', '/tv1', '/tv1req', true, 'v1', '/sreq'],
  ['/s', '/tv1', '/tv1', true, 'v1', '/s'],
  ['/s', '/fv0/', '/fv0/req', false, 'v0', '/s/fv0/req'],
  ['/s', '/tv0/', '/tv0/req', true, 'v0', '/s/req'],
  ['/s', '/tv0/', '/tv0/', true, 'v0', '/s/'],
  ['/s', '/tv1/', '/tv1/req', true, 'v1', '/sreq'],
  ['/s/', '/fv0', '/fv0req', false, 'v0', '/s/fv0req'],
  ['/s/', '/tv0', '/tv0req', true, 'v0', '/s/req'],
  ['/s/', '/tv0', '/tv0', true, 'v0', '/s'],
  ['/s/', '/fv1', '/fv1req', false, 'v1', '/s/fv1req'],
  ['/s/', '/tv1', '/tv1req', true, 'v1', '/s/req'],
  ['/s/', '/tv1', '/tv1', true, 'v1', '/s/'],
  [null, '/api', '/api', true, 'v0', '/'],
  [null, '/api', '/api/v1', true, 'v0', '/v1'],
  [null, '/api', '/api/v1', false, 'v0', '/api/v1'],
  ['/s', '/', '/', false, 'v0', '/s'],
  ['/s', '/a', '/a../secret', true, 'v0', '/s/secret'],
] as const)(
  'service %s, route %s, request %s, strip %s, %s: %s',
  (servicePath, matchedPath, requestPath, strip, handling, expected) => {
    const route = { strip_path: strip, path_handling: handling };
    expect(upstreamPath({ route, servicePath, requestPath, matchedPath })).toBe(expected);
  },
);
