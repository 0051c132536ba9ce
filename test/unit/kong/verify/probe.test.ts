import { describe, expect, it } from 'vitest';
import { declaredOf } from '../../../../src/kong/seed.ts';
import { probesOf } from '../../../../src/kong/verify/probe.ts';
import { fakeKong } from '../../../fakes/fake-kong.ts';
import { declaring, seedInput } from '../../../fakes/seed-run.ts';

const derivedFrom = async (yaml: string) =>
  probesOf(await declaredOf(seedInput(fakeKong(), declaring(yaml))));

const one = async (route: string, more = '') => {
  const [first] = await derivedFrom(
    `services: [{ name: s, host: h, routes: [{ name: r, ${route} }] }]\n${more}`,
  );
  if (first === undefined) throw new Error('no route');
  return 'probe' in first ? first.probe : first.why;
};

describe('the request that proves a route', () => {
  it('has its path, host, method and headers', async () => {
    expect(
      await one(
        'paths: ["~/v[0-9]+", /plain], hosts: ["*.wild.test"], methods: [POST, HEAD], headers: { X-V: ["~*v.", v2] }',
      ),
    ).toMatchObject({ path: '/plain', host: 'verify.wild.test', method: 'HEAD', headers: { 'x-v': 'v2' } });
  });

  it('goes to the doors that the route has', async () => {
    const doors = async (protocols: string) =>
      (await derivedFrom(`routes: [{ name: r, paths: [/], protocols: ${protocols} }]`)).map(
        (derived) => 'probe' in derived && derived.probe.tls,
      );
    expect(await doors('[http, https]')).toEqual([false, true]);
    expect(await doors('[https]')).toEqual([true]);
  });

  it.each([
    ['paths: ["~/v[0-9]+"]', 'its paths are regular expressions'],
    ['paths: [/], methods: [POST]', 'it takes only POST, which could change something'],
    ['protocols: [tcp]', 'it takes tcp, not HTTP'],
    ['paths: [/], plugins: [{ name: jwt }]', 'plugin jwt lets nobody in whom the file could name'],
    ['paths: [/], plugins: [{ name: key-auth }]', 'the file has no key for plugin key-auth'],
  ])('cannot be made for %s', async (route, why) => {
    expect(await one(route)).toBe(why);
  });

  it('brings the key of a consumer whom the groups let in, in the header that the plugin reads', async () => {
    const probe = await one(
      'paths: [/], plugins: [{ name: key-auth, config: { key_names: [x-key] } }, { name: acl, config: { allow: [gold] } }]',
      `consumers:
  - { username: poor, keyauth_credentials: [{ key: poor-key }] }
  - { username: rich, acls: [{ group: gold }], keyauth_credentials: [{ key: rich-key }] }`,
    );
    expect(probe).toMatchObject({ headers: { 'x-key': 'rich-key' } });
  });

  it('brings a password for basic-auth, also where the plugin is on the service', async () => {
    const [derived] = await derivedFrom(`
services: [{ name: s, host: h, plugins: [{ name: basic-auth }], routes: [{ name: r, paths: [/] }] }]
consumers: [{ username: c, basicauth_credentials: [{ username: u, password: p }] }]`);
    expect(derived).toMatchObject({ probe: { headers: { authorization: `Basic ${btoa('u:p')}` } } });
  });

  it('expects what a plugin answers in the place of the service', async () => {
    const route = 'paths: [/], plugins: [{ name: request-termination, config: { status_code: 410 } }]';
    expect(await one(route)).toMatchObject({ terminatedWith: 410 });
  });

  it('leaves out plugins that are off or elsewhere', async () => {
    const text = `
services:
  - name: s
    host: h
    routes: [{ name: r, paths: [/], plugins: [{ name: jwt, enabled: false }] }, { name: o, paths: [/o], plugins: [{ name: jwt }] }]`;
    expect((await derivedFrom(text)).map((derived) => 'probe' in derived)).toEqual([true, true, false]);
  });
});
