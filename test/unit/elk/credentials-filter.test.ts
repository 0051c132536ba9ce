import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { credentialKeys } from '../../../services/logging/src/mask/keys.ts';

/** The script that Logstash's filter "ruby" runs, in Debian's Ruby: read as Logstash reads it, given events that hold what is asked of them. */

const path = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url));
const SCRIPT = path('elk/logstash/filters/credentials.rb');
const hasRuby = spawnSync('ruby', ['--version']).status === 0;

const LOGSTASH = `
require 'json'
class Event
  attr_reader :fields
  def initialize(fields) = @fields = fields
  def get(name) = @fields[name.delete('[]')]
  def set(name, value) = @fields[name.delete('[]')] = value
  def remove(name) = @fields.delete(name.delete('[]'))
  def tag(name) = (@fields['tags'] ||= []) << name
end
filter = Object.new
filter.instance_eval(File.read(ARGV[0]), ARGV[0], 1)
filter.register({ 'keys' => ARGV[1] })
STDIN.each_line { |line| puts JSON.generate(filter.filter(Event.new(JSON.parse(line))).map(&:fields)) }
`;

type Fields = Readonly<Record<string, unknown>>;

/** What becomes of each event. */
function filtered(events: readonly Fields[], keys = ''): Fields[] {
  const input = events.map((event) => JSON.stringify(event)).join('\n');
  const { stdout, stderr, status } = spawnSync('ruby', ['-e', LOGSTASH, SCRIPT, keys], {
    input,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .flatMap((line) => JSON.parse(line) as Fields[]);
}
function uriOf(uri: string, keys?: string): unknown {
  const [event] = filtered([{ kong: { request: { uri } } }], keys);
  return (event as { readonly kong: { readonly request: Fields } }).kong.request.uri;
}

describe.skipIf(!hasRuby)('the credentials of the gateway’s log', () => {
  it.each([
    ['as it is', '/partner?a=1&apikey=hunter2&b=2', '/partner?a=1&apikey=[removed]&b=2'],
    ['with an escape', '/partner?%61pikey=hunter2', '/partner?%61pikey=[removed]'],
    ['with escapes only', '/?%61%70%69%6B%65%79=hunter2', '/?%61%70%69%6B%65%79=[removed]'],
    ['in capitals', '/?APIKEY=hunter2', '/?APIKEY=[removed]'],
    ['twice', '/?apikey=hunter2&apikey=hunter2', '/?apikey=[removed]&apikey=[removed]'],
    ['of another kind', '/?access_token=hunter2&x=1', '/?access_token=[removed]&x=1'],
    ['as a list', '/?apikey%5B%5D=hunter2', '/?apikey%5B%5D=[removed]'],
    ['before a fragment', '/?apikey=hunter2#top', '/?apikey=[removed]#top'],
  ])('are removed from a query, the name %s', (_how, uri, left) => {
    expect(uriOf(uri)).toBe(left);
  });

  it.each([
    '/items?q=caf%C3%A9&limit=10',
    '/items?monkey=1&keyboard=2&note=apikey',
    '/?%zz=1&%=2&=3&a',
    '/apikey=1',
    '/?%2561pikey=once-decoded-this-is-no-key',
  ])('leave %s as it is', (uri) => {
    expect(uriOf(uri)).toBe(uri);
  });

  it('are removed wherever the record holds them, and nothing else is', () => {
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
    const [event] = filtered([{ kong: record }]);
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

  it('are removed from a line that is no JSON, torn as it may be', () => {
    const line =
      '{"uri":"/?%61pikey=hunter2","headers":{"apikey":"hunter2","cookie" : ["hunter2","b"],"host":"a","authorization":"Basic hunter2';
    expect(filtered([{ message: line, tags: ['_jsonparsefailure'] }])).toEqual([
      {
        message:
          '{"uri":"/?%61pikey=[removed]","headers":{"apikey":"[removed]","cookie":"[removed]","host":"a","authorization":"[removed]"',
        tags: ['_jsonparsefailure'],
      },
    ]);
  });

  it('leave every recorded line of Kong without one', () => {
    const lines = readFileSync(path('test/fixtures/kong/samples/file-log.ndjson'), 'utf8').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as Fields);
    const left = filtered(records.map((kong) => ({ kong })));
    expect(left).toHaveLength(records.length);
    expect(JSON.stringify(left)).not.toMatch(/sid=|"(?:apikey|cookie|authorization)":(?!"\[removed\]")/);
    expect(left.map(({ kong }) => (kong as Fields).started_at)).toEqual(
      records.map((kong) => kong.started_at),
    );
  });

  it('take with them all the content where they cannot be looked for', () => {
    // A record that is no map breaks nothing; one that cannot be walked does.
    const deep = JSON.parse(`${'['.repeat(90)}${']'.repeat(90)}`) as unknown;
    expect(filtered([{ kong: deep }])).toEqual([{ kong: deep }]);
    const broken = spawnSync(
      'ruby',
      [
        '-e',
        LOGSTASH.replace('def get(name) =', 'def get(name) = name == "message" ? raise("torn") :'),
        SCRIPT,
        '',
      ],
      { input: '{"kong":{"a":"hunter2"},"message":"hunter2"}', encoding: 'utf8' },
    );
    expect(JSON.parse(broken.stdout)).toEqual([{ tags: ['_credentials_not_looked_for'] }]);
  });

  it('have the names that the logging service masks, the user’s own too', () => {
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
      const [event] = filtered([{ kong: Object.fromEntries(names.map((name) => [name, 'v'])) }], keys);
      const removed = Object.entries(event?.kong as Fields).flatMap(([name, value]) =>
        value === '[removed]' ? [name] : [],
      );
      expect(removed).toEqual(names.filter(isCredential));
    }
    expect(uriOf('/?customer%5Fnumber=7', 'customer_number')).toBe('/?customer%5Fnumber=[removed]');
  });
});
