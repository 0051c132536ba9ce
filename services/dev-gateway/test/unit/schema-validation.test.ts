import { describe, expect, it } from 'vitest';
import { AdminError } from '../../src/errors/admin-error.ts';
import type { PlainRecord } from '../../src/schema/field.ts';
import { prepareChange, prepareNew } from '../../src/schema/prepare.ts';
import { requireEntity } from '../../src/schema/registry.ts';

const NOW_MS = 1_700_000_000_500;

const make = (entity: string, input: PlainRecord): PlainRecord =>
  prepareNew(requireEntity(entity), input, NOW_MS);

function refusal(work: () => unknown): PlainRecord {
  try {
    work();
  } catch (error) {
    if (error instanceof AdminError) return error.body;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a new entity', () => {
  it('gets the defaults of every level of nested records', () => {
    const upstream = make('upstreams', {
      name: 'be.test',
      healthchecks: { active: { healthy: { interval: 5 } } },
    });
    expect(upstream.healthchecks).toMatchObject({
      active: {
        type: 'http',
        healthy: { interval: 5, successes: 0, http_statuses: [200, 302] },
        headers: null,
      },
      passive: { unhealthy: { http_failures: 0 } },
      threshold: 0,
    });
  });

  it('is stamped in whole seconds, a target in fractions of them', () => {
    const upstream = { id: '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60' };
    expect(make('services', { host: 'h' }).created_at).toBe(1_700_000_000);
    expect(make('targets', { target: 'h', upstream }).updated_at).toBe(1_700_000_000.5);
  });

  it('keeps null where null was said for a field that has a default and is not required', () => {
    expect(make('services', { host: 'h', retries: null }).retries).toBeNull();
    expect(refusal(() => make('services', { host: 'h', port: null })).fields).toEqual({
      port: 'required field missing',
    });
  });

  it('takes a service apart from its url', () => {
    expect(make('services', { url: 'https://h.test/a?b=c' })).toMatchObject({
      protocol: 'https',
      host: 'h.test',
      port: 443,
      path: '/a',
    });
  });

  it('is told all its problems at once, those across fields first and then by field name', () => {
    const body = refusal(() =>
      make('services', { host: 'h', protocol: 'tcp', path: '/x', port: -1, zzz: 1 }),
    );
    expect(body.message).toBe(
      "4 schema violations (failed conditional validation given value of field 'protocol'; " +
        'path: value must be null; port: value should be between 0 and 65535; zzz: unknown field)',
    );
  });

  it('is told which element of a list is wrong, with null for the ones that are fine', () => {
    const body = refusal(() => make('routes', { paths: ['/ok', 'bad'] }));
    expect(body.fields).toEqual({ paths: [null, 'should start with: / (fixed path) or ~/ (regex path)'] });
    expect(body.message).toContain('(paths.2: should start with');
  });

  it('has its identifier refused when it is no UUID', () => {
    expect(refusal(() => make('services', { host: 'h', id: 'mine' })).fields).toEqual({
      id: 'expected a valid UUID',
    });
  });
});

describe('a plugin', () => {
  it('understands the old names of its fields and shows both', () => {
    const plugin = make('plugins', {
      name: 'rate-limiting',
      config: { minute: 1, policy: 'redis', redis_host: 'r' },
    });
    expect(plugin.config).toMatchObject({
      redis_host: 'r',
      redis: { host: 'r', port: 6379 },
      redis_port: 6379,
    });
  });

  it('takes numbers and booleans under old names, as it shows them itself', () => {
    const shown = make('plugins', { name: 'rate-limiting', config: { minute: 1, redis_port: 6380 } });
    expect(shown.config).toMatchObject({ redis: { port: 6380 }, redis_port: 6380, redis_ssl: false });
    expect(make('plugins', { name: 'rate-limiting', config: shown.config }).config).toEqual(shown.config);
  });

  it('refuses an old and a new name that say different things', () => {
    const config = { minute: 1, redis_host: 'a', redis: { host: 'b' } };
    expect(refusal(() => make('plugins', { name: 'rate-limiting', config })).message).toContain(
      'values mismatch',
    );
  });

  it('demands what another field makes necessary', () => {
    const config = { minute: 1, limit_by: 'header' };
    expect(refusal(() => make('plugins', { name: 'rate-limiting', config })).fields).toEqual({
      '@entity': ["failed conditional validation given value of field 'config.limit_by'"],
      config: { header_name: 'required field missing' },
    });
  });

  it('is refused for a consumer when it finds out who the consumer is', () => {
    const consumer = { id: '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60' };
    expect(refusal(() => make('plugins', { name: 'key-auth', consumer })).fields).toEqual({
      consumer: 'value must be null',
    });
  });
});

describe('a change of an entity', () => {
  const stored = () =>
    make('plugins', { name: 'rate-limiting', config: { minute: 1, policy: 'redis', redis_host: 'r' } });

  it('merges records field by field and replaces lists', () => {
    const service = make('services', { host: 'h', tags: ['a', 'b'] });
    const changed = prepareChange(requireEntity('services'), service, { tags: ['c'] }, NOW_MS + 2000);
    expect(changed).toMatchObject({
      host: 'h',
      tags: ['c'],
      created_at: 1_700_000_000,
      updated_at: 1_700_000_002,
    });
    const plugin = prepareChange(requireEntity('plugins'), stored(), { config: { hour: 9 } }, NOW_MS);
    expect(plugin.config).toMatchObject({ minute: 1, hour: 9, redis_host: 'r' });
  });

  it('may come under an old name', () => {
    const plugin = prepareChange(
      requireEntity('plugins'),
      stored(),
      { config: { redis_host: 'other' } },
      NOW_MS,
    );
    expect(plugin.config).toMatchObject({ redis_host: 'other', redis: { host: 'other' } });
  });

  it('is judged as the whole that it makes', () => {
    const body = refusal(() =>
      prepareChange(requireEntity('plugins'), stored(), { config: { minute: null } }, NOW_MS),
    );
    expect(body.message).toContain('when updating, at least one of these fields must be non-empty');
  });

  it('hashes a password that came now, and leaves the hash of an earlier one alone', () => {
    const schema = requireEntity('basicauth_credentials');
    const consumer = { id: '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60' };
    const credential = prepareNew(schema, { username: 'u', password: 'p', consumer }, NOW_MS);
    expect(credential.password).toMatch(/^[0-9a-f]{40}$/);
    const renamed = prepareChange(schema, credential, { username: 'v' }, NOW_MS);
    expect(renamed).toMatchObject({ username: 'v', password: credential.password });
    expect(prepareChange(schema, credential, { password: 'q' }, NOW_MS).password).not.toBe(
      credential.password,
    );
  });
});
