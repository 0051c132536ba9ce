import { expect, test } from 'vitest';
import type { Route, Service } from '../../../src/model/entities.ts';
import { compileRouter, type RouteQuery } from '../../../src/router/router.ts';
import { route, service } from '../../proxy/entities.ts';

const api = service({ name: 'api' });

const router = (routes: readonly Route[], services: readonly Service[] = [api]) =>
  compileRouter({
    routes: new Map(routes.map((one) => [one.id, one])),
    services: new Map(services.map((one) => [one.id, one])),
  });

const query = (given: Partial<RouteQuery> & { headers?: Record<string, string[]> } = {}): RouteQuery => ({
  method: 'GET',
  scheme: 'http',
  host: 'example.test',
  port: 8000,
  path: '/',
  sni: undefined,
  sourceIp: '10.0.0.1',
  sourcePort: 40_000,
  destinationIp: '10.0.0.2',
  headerValues: (name) => given.headers?.[name] ?? [],
  ...given,
});

const named = (name: string, given: Partial<Route>): Route =>
  route({ name, service: { id: api.id }, ...given });
const winner = (routes: readonly Route[], given: Parameters<typeof query>[0]): string | undefined | null =>
  router(routes).match(query(given))?.route.name;

test('the longest prefix wins, whatever the order of creation', () => {
  const routes = [named('short', { paths: ['/a'] }), named('long', { paths: ['/a/b'] })];
  expect(winner(routes, { path: '/a/b/c' })).toBe('long');
  expect(winner(routes, { path: '/a/x' })).toBe('short');
  expect(winner(routes, { path: '/x' })).toBeUndefined();
});

test('a route with several paths is ranked by the path that matches', () => {
  const routes = [named('many', { paths: ['/a', '/very/long/path'] }), named('one', { paths: ['/a/b'] })];
  expect(winner(routes, { path: '/a/b' })).toBe('one');
});

test('regular expressions come before prefixes and among themselves by their priority', () => {
  const routes = [
    named('prefix', { paths: ['/users/42'] }),
    named('weak', { paths: ['~/users/\\d+'], regex_priority: 1 }),
    named('strong', { paths: ['~/users/4.'], regex_priority: 2 }),
  ];
  expect(winner(routes, { path: '/users/42' })).toBe('strong');
  expect(winner(routes, { path: '/users/7' })).toBe('weak');
});

test('a regular expression is anchored at the start only, and its named groups are kept', () => {
  const found = router([named('user', { paths: ['~/users/(?<id>\\d+)'] })]).match(
    query({ path: '/users/7/posts' }),
  );
  expect(found?.captures).toEqual({ id: '7' });
  expect(found?.matchedPath).toBe('/users/7');
  expect(router([named('user', { paths: ['~/users'] })]).match(query({ path: '/x/users' }))).toBeUndefined();
});

test('a route that states more beats one with a longer path', () => {
  const routes = [
    named('path', { paths: ['/a/b/c'] }),
    named('both', { paths: ['/a'], hosts: ['example.test'] }),
  ];
  expect(winner(routes, { path: '/a/b/c' })).toBe('both');
});

test('plain hosts beat wildcards', () => {
  const routes = [named('wild', { hosts: ['*.test'] }), named('plain', { hosts: ['example.test'] })];
  expect(winner(routes, {})).toBe('plain');
  expect(winner(routes, { host: 'other.test' })).toBe('wild');
});

test.each([
  ['*.example.test', 'a.example.test', true],
  ['*.example.test', 'example.test', false],
  ['example.*', 'example.org', true],
  ['EXAMPLE.test', 'example.test', true],
  ['example.test:8000', 'example.test', true],
  ['example.test:9000', 'example.test', false],
])('the host pattern %s and the host %s: %s', (pattern, host, matches) => {
  expect(winner([named('r', { hosts: [pattern] })], { host }) === 'r').toBe(matches);
});

test('methods and headers are conditions', () => {
  const routes = [named('r', { methods: ['POST'], headers: { 'X-Env': ['Blue', '~*gre+n'] } })];
  expect(winner(routes, { method: 'POST', headers: { 'x-env': ['blue'] } })).toBe('r');
  expect(winner(routes, { method: 'POST', headers: { 'x-env': ['greeen'] } })).toBe('r');
  expect(winner(routes, { method: 'POST', headers: { 'x-env': ['red'] } })).toBeUndefined();
  expect(winner(routes, { method: 'GET', headers: { 'x-env': ['blue'] } })).toBeUndefined();
});

test('SNIs are a condition of TLS requests only', () => {
  const routes = [named('r', { snis: ['a.test.'] })];
  expect(winner(routes, { scheme: 'https', sni: 'a.test' })).toBe('r');
  expect(winner(routes, { scheme: 'https', sni: 'b.test' })).toBeUndefined();
  expect(winner(routes, { scheme: 'http' })).toBe('r');
});

test('sources are addresses, ranges and ports', () => {
  const routes = [named('r', { sources: [{ ip: '10.0.0.0/8', port: null }] })];
  expect(winner(routes, {})).toBe('r');
  expect(winner(routes, { sourceIp: '192.168.0.1' })).toBeUndefined();
});

test('a route for HTTPS only matches HTTP requests to redirect them', () => {
  const found = router([named('r', { protocols: ['https'] })]).match(query());
  expect(found?.mustUseHttps).toBe(true);
});

test('a route for HTTP only does not match HTTPS requests', () => {
  expect(winner([named('r', { protocols: ['http'] })], { scheme: 'https' })).toBeUndefined();
});

test('of two equal routes the one with the greater identifier wins, as in the router of Kong', () => {
  const low = named('low', { id: '10000000-0000-4000-8000-000000000000', paths: ['/a'] });
  const high = named('high', { id: 'f0000000-0000-4000-8000-000000000000', paths: ['/a'] });
  expect(winner([low, high], { path: '/a' })).toBe('high');
  expect(winner([high, low], { path: '/a' })).toBe('high');
});

test('an SNI may be a wildcard', () => {
  const routes = [named('r', { snis: ['*.test'] })];
  expect(winner(routes, { scheme: 'https', sni: 'a.test' })).toBe('r');
  expect(winner(routes, { scheme: 'https', sni: 'a.org' })).toBeUndefined();
});

test('routes of a disabled service are not there', () => {
  const off = service({ enabled: false });
  const found = router([route({ paths: ['/'], service: { id: off.id } })], [off]).match(query());
  expect(found).toBeUndefined();
});

test('a route whose expression cannot be compiled is reported and leaves the others alone', () => {
  const compiled = router([named('bad', { paths: ['~/(?(1)a|b)'] }), named('good', { paths: ['/a'] })]);
  expect(compiled.rejected.map(({ route: { name } }) => name)).toEqual(['bad']);
  expect(compiled.match(query({ path: '/a' }))?.route.name).toBe('good');
});
