import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { credentialKeys } from '../../../services/logging/src/mask/keys.ts';
import { describeInEachRuby, type Fields, rubyDuringTests } from '../../support/ruby-filter.ts';

const path = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url));
const SCRIPT = path('elk/logstash/filters/credentials.rb');

describeInEachRuby('the credentials of the gateway’s log, in %s,', (program) => {
  const ruby = rubyDuringTests(program);

  /** What becomes of each event. */
  const filtered = (events: readonly Fields[], keys = ''): Promise<Fields[]> =>
    ruby.run({ script: SCRIPT, params: { keys }, events });
  async function uriOf(uri: string, keys?: string): Promise<unknown> {
    const [event] = await filtered([{ kong: { request: { uri } } }], keys);
    return (event as { readonly kong: { readonly request: Fields } }).kong.request.uri;
  }

  it.each([
    ['as it is', '/partner?a=1&apikey=hunter2&b=2', '/partner?a=1&apikey=[removed]&b=2'],
    ['with an escape', '/partner?%61pikey=hunter2', '/partner?%61pikey=[removed]'],
    ['with escapes only', '/?%61%70%69%6B%65%79=hunter2', '/?%61%70%69%6B%65%79=[removed]'],
    ['in capitals', '/?APIKEY=hunter2', '/?APIKEY=[removed]'],
    ['twice', '/?apikey=hunter2&apikey=hunter2', '/?apikey=[removed]&apikey=[removed]'],
    ['of another kind', '/?access_token=hunter2&x=1', '/?access_token=[removed]&x=1'],
    ['as a list', '/?apikey%5B%5D=hunter2', '/?apikey%5B%5D=[removed]'],
    ['before a fragment', '/?apikey=hunter2#top', '/?apikey=[removed]#top'],
  ])('are removed from a query, the name %s', async (_how, uri, left) => {
    expect(await uriOf(uri)).toBe(left);
  });

  it.each([
    '/items?q=caf%C3%A9&limit=10',
    '/items?monkey=1&keyboard=2&note=apikey',
    '/?%zz=1&%=2&=3&a',
    '/apikey=1',
    '/?%2561pikey=once-decoded-this-is-no-key',
  ])('leave %s as it is', async (uri) => {
    expect(await uriOf(uri)).toBe(uri);
  });

  it('are removed wherever the record holds them, and nothing else is', async () => {
    const record = {
      request: {
        headers: {
          apikey: ['hunter2', 'b'],
          Authorization: 'Basic hunter2',
          cookie: 'sid=hunter2',
          host: 'a',
        },
        querystring: { apikey: 'hunter2', q: 'a', access_token: true },
        url: 'http://a/?%61pikey=hunter2',
      },
      response: { headers: { 'set-cookie': ['sid=hunter2'], location: '/next?token=hunter2' }, status: 200 },
      upstream_uri: '/?apikey=hunter2',
      tries: [{ ip: '127.0.0.1', balancer_latency_ns: 9216.5 }],
      service: null,
    };
    const [event] = await filtered([{ kong: record }]);
    expect(event).toEqual({
      kong: {
        request: {
          headers: { apikey: '[removed]', Authorization: '[removed]', cookie: '[removed]', host: 'a' },
          querystring: { apikey: '[removed]', q: 'a', access_token: true },
          url: 'http://a/?%61pikey=[removed]',
        },
        response: { headers: { 'set-cookie': '[removed]', location: '/next?token=[removed]' }, status: 200 },
        upstream_uri: '/?apikey=[removed]',
        tries: record.tries,
        service: null,
      },
    });
  });

  it('are removed from a line that is no JSON, torn as it may be', async () => {
    const line =
      '{"uri":"/?%61pikey=hunter2","headers":{"apikey":"hunter2","cookie" : ["hunter2","b"],"host":"a","authorization":"Basic hunter2';
    expect(await filtered([{ message: line, tags: ['_jsonparsefailure'] }])).toEqual([
      {
        message:
          '{"uri":"/?%61pikey=[removed]","headers":{"apikey":"[removed]","cookie":"[removed]","host":"a","authorization":"[removed]"',
        tags: ['_jsonparsefailure'],
      },
    ]);
  });

  it('leave every recorded line of Kong without one', async () => {
    const lines = readFileSync(path('test/fixtures/kong/samples/file-log.ndjson'), 'utf8').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as Fields);
    const left = await filtered(records.map((kong) => ({ kong })));
    expect(left).toHaveLength(records.length);
    expect(JSON.stringify(left)).not.toMatch(/sid=|"(?:apikey|cookie|authorization)":(?!"\[removed\]")/);
    expect(left.map(({ kong }) => (kong as Fields).started_at)).toEqual(
      records.map((kong) => kong.started_at),
    );
  });

  it('take with them all the content where they cannot be looked for', async () => {
    // A record that is no map breaks nothing; one that cannot be walked does.
    const deep = JSON.parse(`${'['.repeat(90)}${']'.repeat(90)}`) as unknown;
    expect(await filtered([{ kong: deep }])).toEqual([{ kong: deep }]);
    const events = [{ kong: { a: 'hunter2' }, message: 'hunter2' }];
    expect(await ruby.run({ script: SCRIPT, params: {}, events, torn: 'message' })).toEqual([
      { tags: ['_credentials_not_looked_for'] },
    ]);
  });

  it('have the names that the logging service masks, the user’s own too', async () => {
    const names = [
      ...[
        'authorization',
        'Proxy-Authorization',
        'X-Api-Key',
        'xApiKey',
        'db.password',
        'client_secret',
        'pwd',
      ],
      ...[
        'http.request.header.cookie',
        'private-key',
        'jwt',
        'cvv',
        'sessionId',
        'signature',
        'customer_number',
      ],
      ...[
        'host',
        'key',
        'monkey',
        'secretary',
        'tokens',
        'passwordless',
        'auth',
        'session',
        'CustomerNumber',
      ],
    ];
    for (const keys of ['', 'customer_number,x']) {
      const isCredential = credentialKeys(keys.split(',').filter((key) => key !== ''));
      const [event] = await filtered([{ kong: Object.fromEntries(names.map((name) => [name, 'v'])) }], keys);
      const removed = Object.entries(event?.kong as Fields).flatMap(([name, value]) =>
        value === '[removed]' ? [name] : [],
      );
      expect(removed).toEqual(names.filter(isCredential));
    }
    expect(await uriOf('/?customer%5Fnumber=7', 'customer_number')).toBe('/?customer%5Fnumber=[removed]');
  });
});
