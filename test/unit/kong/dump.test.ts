import { describe, expect, it } from 'vitest';
import { seedDump } from '../../../src/kong/dump.ts';
import { fakeKong } from '../../fakes/fake-kong.ts';
import { declaring, PACKAGED, PARTNER_KEY, seed, seedInput, THREE_BACKENDS } from '../../fakes/seed-run.ts';

const packaged = { stack: THREE_BACKENDS };

describe('a dump', () => {
  it('is read again as exactly the same state, with its secrets from the environment', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    const { text, variables, entities } = await seedDump(seedInput(kong, ''));
    expect(entities).toBe(kong.writes().length);
    expect(text).not.toContain(PARTNER_KEY);
    expect(variables).toEqual(['DECK_KEY_AUTH_PARTNER_KEY']);
    const environment = Object.fromEntries(variables.map((name) => [name, PARTNER_KEY]));
    const { plan } = await seed(kong, text, { placeholders: { environment, secret: async () => undefined } });
    expect(plan.changes).toEqual([]);
  });

  it('holds only what is not the default', async () => {
    const kong = fakeKong();
    const given = declaring(`services:
  - name: s
    host: h
    routes:
      - name: r
        paths:
          - /r
        plugins:
          - name: rate-limiting
            config:
              minute: 5
`);
    await seed(kong, given);
    expect((await seedDump(seedInput(kong, ''))).text).toBe(given);
  });

  it('holds what is not ours only when asked', async () => {
    const kong = fakeKong();
    kong.put('services', { name: 'theirs', host: 'h', tags: ['t'] });
    expect((await seedDump(seedInput(kong, ''))).text).not.toContain('theirs');
    const { text } = await seedDump({ ...seedInput(kong, ''), all: true });
    expect(text).toContain('theirs');
    expect(text).toContain('- t');
  });

  it('takes for a secret what looks like one in the configuration of a plugin', async () => {
    const kong = fakeKong();
    const text = declaring(`
services: [{ name: s, host: h }]
plugins:
  - name: http-log
    service: s
    config:
      http_endpoint: http://log.test:80/in
      headers: { authorization: Bearer t0ken-of-log, x-plain: seen }
  - name: request-transformer
    config: { add: { headers: ["Authorization: Basic t0ken-of-header", "x-a:1"] }, remove: { headers: [cookie] } }`);
    await seed(kong, text);
    const dump = await seedDump(seedInput(kong, ''));
    expect(dump.text).not.toContain('t0ken');
    for (const plain of ['seen', 'x-a:1', '- cookie']) expect(dump.text).toContain(plain);
    const [, headers = ''] = /headers:\n +- '\$\{\{ env "(DECK_\w+)"/.exec(dump.text) ?? [];
    const environment: Record<string, string> = {
      DECK_PLUGIN_S_CONFIG_HTTP_ENDPOINT: 'http://log.test:80/in',
      DECK_PLUGIN_S_CONFIG_HEADERS_AUTHORIZATION: 'Bearer t0ken-of-log',
      [headers]: 'Authorization: Basic t0ken-of-header',
    };
    expect(Object.keys(environment).sort()).toEqual([...dump.variables].sort());
    const placeholders = { environment, secret: async () => undefined };
    expect((await seed(kong, dump.text, { placeholders })).plan.changes).toEqual([]);
  });

  it('holds secrets in clear only when asked', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    const { text, variables } = await seedDump({ ...seedInput(kong, ''), reveal: true });
    expect(text).toContain(PARTNER_KEY);
    expect(variables).toEqual([]);
  });

  it('never writes the hash of a password, which would be hashed again', async () => {
    const kong = fakeKong();
    const text = declaring(
      'consumers: [{ username: c, basicauth_credentials: [{ username: u, password: p4ssword }] }]',
    );
    await seed(kong, text);
    const dump = await seedDump({ ...seedInput(kong, ''), reveal: true });
    expect(dump.variables).toEqual(['DECK_BASIC_AUTH_C_PASSWORD']);
    const environment = { DECK_BASIC_AUTH_C_PASSWORD: 'p4ssword' };
    const { plan } = await seed(kong, dump.text, {
      placeholders: { environment, secret: async () => undefined },
    });
    expect(plan.changes).toEqual([]);
  });

  it('is the same text for the same state', async () => {
    const [one, other] = [fakeKong(), fakeKong()];
    await seed(one, PACKAGED, packaged);
    await seed(other, PACKAGED, packaged);
    expect((await seedDump(seedInput(one, ''))).text).toBe((await seedDump(seedInput(other, ''))).text);
  });
});
