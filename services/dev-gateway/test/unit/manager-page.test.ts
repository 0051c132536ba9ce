import { describe, expect, it } from 'vitest';
import { renderPage } from '../../src/manager/page.ts';
import type { Consumer, KeyAuthCredential, Plugin, Service } from '../../src/model/entities.ts';
import type { UpstreamHealth } from '../../src/model/health.ts';
import { emptySnapshot } from '../../src/model/snapshot.ts';
import { prepareNew } from '../../src/schema/prepare.ts';
import { requireEntity } from '../../src/schema/registry.ts';

const health: UpstreamHealth = {
  targetHealth: () => [],
  balancerHealth: () => undefined,
  setTargetHealth: () => false,
};

const served = new Set(['rate-limiting', 'http-log']);

const mapOf = <Entity extends { id: string }>(
  entity: string,
  ...inputs: Record<string, unknown>[]
): Map<string, Entity> =>
  new Map(
    inputs.map((input) => {
      const made = prepareNew(requireEntity(entity), input, Date.now()) as unknown as Entity;
      return [made.id, made];
    }),
  );

describe('the read-only page', () => {
  it('says what it is and what it is not, and runs no script', () => {
    const page = renderPage(emptySnapshot(), health, served);
    expect(page).toContain('<h1>apictl development gateway</h1>');
    expect(page).toContain('This is not Kong.');
    expect(page).not.toMatch(/<script|javascript:|onclick/i);
  });

  it('shows values as text, whatever they hold', () => {
    const consumers = mapOf<Consumer>('consumers', { username: '<img src=x onerror=alert(1)>' });
    const page = renderPage({ ...emptySnapshot(), consumers }, health, served);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toContain('<img');
  });

  it('shows no credential', () => {
    const consumers = mapOf<Consumer>('consumers', { username: 'partner' });
    const [owner] = consumers.values();
    const keyAuthCredentials = mapOf<KeyAuthCredential>('keyauth_credentials', {
      key: 'the-partners-key',
      consumer: { id: owner?.id },
    });
    const plugins = mapOf<Plugin>(
      'plugins',
      {
        name: 'http-log',
        config: {
          http_endpoint: 'http://user:endpoint-password@logs.test/',
          headers: { Authorization: 'Bearer header-token' },
        },
      },
      { name: 'rate-limiting', config: { minute: 1, redis: { password: 'redis-password' } } },
    );
    const page = renderPage({ ...emptySnapshot(), consumers, keyAuthCredentials, plugins }, health, served);
    expect(page).toContain('logs.test');
    for (const secret of ['the-partners-key', 'endpoint-password', 'header-token', 'redis-password']) {
      expect(page).not.toContain(secret);
    }
  });

  it('says of a plugin that nothing here runs it', () => {
    const plugins = mapOf<Plugin>('plugins', { name: 'proxy-cache', config: { strategy: 'memory' } });
    expect(renderPage({ ...emptySnapshot(), plugins }, health, served)).toContain(
      'this gateway has no code for it',
    );
  });

  it('shows where services lead', () => {
    const services = mapOf<Service>('services', { name: 's', url: 'http://h.test:81/base' });
    expect(renderPage({ ...emptySnapshot(), services }, health, served)).toContain(
      '<code>http://h.test:81/base</code>',
    );
  });
});
