/** What Kong's schemas say about input that they refuse. */
import { describe, expect, it } from 'vitest';
import { AdminError } from '../../src/errors/admin-error.ts';
import type { PlainRecord } from '../../src/schema/field.ts';
import { prepareNew } from '../../src/schema/prepare.ts';
import { requireEntity } from '../../src/schema/registry.ts';

const make = (entity: string, input: PlainRecord): PlainRecord =>
  prepareNew(requireEntity(entity), input, 1_700_000_000_000);

function refusedFields(entity: string, input: PlainRecord): unknown {
  try {
    make(entity, input);
  } catch (error) {
    if (error instanceof AdminError) return error.body.fields;
    throw error;
  }
  return undefined;
}

const route = (more: PlainRecord): PlainRecord => ({ paths: ['/x'], ...more });

describe('a route is refused', () => {
  it.each([
    [{ protocols: [] }, { protocols: 'unknown type: nil' }],
    [{ protocols: ['smtp'] }, { protocols: 'unknown type: smtp' }],
    [{ protocols: null }, { protocols: 'required field missing' }],
    [{ protocols: 'http' }, { protocols: 'expected a set' }],
    [
      { sources: [{ ip: '10.0.0.1' }] },
      { sources: "cannot set 'sources' when 'protocols' is 'http' or 'https'" },
    ],
    [
      { protocols: ['grpc'], methods: ['GET'], strip_path: true },
      {
        methods: "cannot set 'methods' when 'protocols' is 'grpc' or 'grpcs'",
        strip_path: "cannot set 'strip_path' when 'protocols' is 'grpc' or 'grpcs'",
      },
    ],
    [{ hosts: ['a.*.b'] }, { hosts: ['invalid wildcard: must be placed at leftmost or rightmost label'] }],
    [{ hosts: ['h:70000'] }, { hosts: ['invalid port number'] }],
    [{ hosts: ['-.test-'] }, { hosts: ['invalid hostname: -.test-'] }],
    [{ paths: ['/a//b'] }, { paths: ['must not have empty segments'] }],
    [{ paths: ['/a/../b'] }, { paths: ["non-normalized path, consider use '/b' instead"] }],
    [{ paths: ['/%61'] }, { paths: ["non-normalized path, consider use '/a' instead"] }],
    [{ paths: ['/%zz'] }, { paths: ["invalid url-encoded value: '%zz'"] }],
    [
      { headers: { 'a b': ['x'] } },
      { headers: "bad header name 'a b', allowed characters are A-Z, a-z, 0-9, '_', and '-'" },
    ],
    [{ service: 'name' }, { service: { id: 'missing primary key' } }],
    [{ service: { id: 'x' } }, { service: { id: 'expected a valid UUID' } }],
    [
      { snis: ['a.test'], protocols: ['http'] },
      {
        snis: 'length must be 0',
        '@entity': [
          "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'",
        ],
      },
    ],
  ] as const)('with %j', (input, fields) => {
    expect(refusedFields('routes', route(input))).toEqual(fields);
  });

  it('when it has nothing that its protocols tell requests apart by', () => {
    const refusal = (protocols: readonly string[]) => refusedFields('routes', { protocols });
    expect(refusal(['http'])).toEqual({
      '@entity': ["must set one of 'methods', 'hosts', 'headers', 'paths' when 'protocols' is 'http'"],
    });
    expect(refusal(['tcp', 'tls'])).toEqual({
      '@entity': [
        "must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'",
      ],
    });
    expect(refusal(['tls_passthrough'])).toEqual({
      '@entity': ["must set snis when 'protocols' is 'tls_passthrough'"],
    });
    expect(refusal(['grpcs'])).toEqual({
      '@entity': ["must set one of 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'grpcs'"],
    });
  });

  it('but not for a path with characters that a request has escaped', () => {
    expect(make('routes', { paths: ['/caf\u00e9 au lait'] }).paths).toEqual(['/caf\u00e9 au lait']);
  });

  it('and one for gRPC keeps its path', () => {
    expect(make('routes', { paths: ['/p.S'], protocols: ['grpc'] }).strip_path).toBe(false);
  });
});

describe('a service', () => {
  it.each([
    ['http://h', { protocol: 'http', host: 'h', port: 80, path: null }],
    ['https://h:9/a?q#f', { protocol: 'https', host: 'h', port: 9, path: '/a' }],
    ['//h:443', { protocol: 'https', host: 'h', port: 443 }],
    ['tcp://h', { protocol: 'tcp', host: 'h', port: 80 }],
    ['http://user:pw@[::1]:81/x', { host: '::1', port: 81, path: '/x' }],
  ])('understands the url %s', (url, parts) => {
    expect(make('services', { url })).toMatchObject(parts);
  });

  it('lets the url win over the fields that it stands for', () => {
    expect(make('services', { url: 'http://h/p', host: 'other', port: 1 })).toMatchObject({
      host: 'h',
      port: 80,
    });
  });

  it.each([
    [{ url: 5 }, { url: 'expected a string' }],
    [{ url: '' }, { url: 'length must be at least 1' }],
    [{ host: 'h:80' }, { host: 'must not have a port' }],
    [{ host: 'h h' }, { host: 'invalid value: h h' }],
    [
      { host: 'h', path: '/a b' },
      { path: "invalid path: '/a b' (characters outside of the reserved list of RFC 3986 found)" },
    ],
    [{ host: 'h', connect_timeout: 0 }, { connect_timeout: 'value should be between 1 and 2147483646' }],
  ] as const)('is refused with %j', (input, fields) => {
    expect(refusedFields('services', input)).toEqual(fields);
  });
});

describe('an upstream, a target and an SNI are refused', () => {
  const upstream = { id: '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60' };

  it.each([
    ['upstreams', { name: '10.0.0.1' }, { name: "Invalid name ('10.0.0.1'); no ip addresses allowed" }],
    ['upstreams', { name: 'u:80' }, { name: "Invalid name ('u:80'); no port allowed" }],
    [
      'upstreams',
      { name: 'u', hash_on: 'header', hash_on_header: 'a b' },
      {
        hash_on_header: "bad header name 'a b', allowed characters are A-Z, a-z, 0-9, '_', and '-'",
        '@entity': ["failed conditional validation given value of field 'hash_on'"],
      },
    ],
    [
      'targets',
      { target: 'h h', upstream },
      { target: 'Invalid target; not a valid hostname or ip address' },
    ],
    [
      'snis',
      { name: 'a*b', certificate: upstream },
      { name: 'wildcard must be leftmost or rightmost character' },
    ],
    ['snis', { name: '*.b.*', certificate: upstream }, { name: 'only one wildcard must be specified' }],
    ['snis', { name: '10.0.0.1', certificate: upstream }, { name: 'must not be an IP' }],
    ['snis', { name: 'a.test:80', certificate: upstream }, { name: 'must not have a port' }],
  ] as const)('%s with %j', (entity, input, fields) => {
    expect(refusedFields(entity, input)).toEqual(fields);
  });

  it('and an address of IPv6 is written out', () => {
    expect(make('targets', { target: '::1', upstream }).target).toBe(
      '[0000:0000:0000:0000:0000:0000:0000:0001]:8000',
    );
  });
});

it('a value that stands in a vault is not judged', () => {
  expect(make('certificates', { cert: '{vault://env/cert}', key: '{vault://env/key}' }).cert).toBe(
    '{vault://env/cert}',
  );
});
