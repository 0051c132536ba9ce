import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/event/model.ts';
import { maskedContent } from '../../src/event/take.ts';
import { intakesFromRecords } from '../../src/ingest/intakes.ts';
import { recordsFromLines } from '../../src/ingest/records.ts';
import { createMasker, TooDeepError } from '../../src/mask/mask.ts';
import { isCardNumber, maskText } from '../../src/mask/text.ts';

const masker = createMasker([]);
/** Whether a line is kept as the bytes that came. */
function isKept(json: string): boolean {
  const bytes = Buffer.from(json);
  return maskedContent({ record: JSON.parse(json) as JsonObject, text: json, bytes }, masker) === bytes;
}
const masked = (record: JsonObject): string => JSON.stringify(masker.record(record));

describe('masking', () => {
  it.each([
    ['authorization', 'Bearer abc.def.ghi'],
    ['Proxy-Authorization', 'Basic dXNlcjpwYXNz'],
    ['apikey', 'K1-very-secret'],
    ['X-Api-Key', 'K1-very-secret'],
    ['cookie', 'sid=very-secret'],
    ['Set-Cookie', 'sid=very-secret; HttpOnly'],
    ['access_token', 'very-secret'],
    ['clientSecret', 'very-secret'],
    ['db.password', 'very-secret'],
    ['http.request.header.authorization', 'Bearer x'],
    ['x-goog-signature', 'very-secret'],
  ])('hides the value of %s wherever it is nested', (key, value) => {
    const text = masked({ request: { headers: [{ [key]: value }] }, [key]: [value] });
    expect(text).not.toContain(value);
    expect(text).toContain('[masked]');
  });

  it('leaves names alone that only look like credentials', () => {
    const record = { 'x-credential-identifier': 'id-1', max_tokens: 100, tokens_used: 5, keyboard: 'qwertz' };
    expect(masker.record({ ...record })).toEqual(record);
  });

  it.each([
    ['/items?apikey=K1&limit=10', '/items?apikey=[masked]&limit=10'],
    ['/items?limit=10&access_token=abc#top', '/items?limit=10&access_token=[masked]#top'],
    ['/partner?%61pikey=K1&b=2', '/partner?%61pikey=[masked]&b=2'],
    ['/?a=1&%70%61%73%73word=x#top', '/?a=1&%70%61%73%73word=[masked]#top'],
    ['/?filter%5Btoken%5D=abc', '/?filter%5Btoken%5D=[masked]'],
    ['GET /x?X-API-Key=abc HTTP/1.1', 'GET /x?X-API-Key=[masked] HTTP/1.1'],
    ['postgres://kong:hunter2@db:5432/kong', 'postgres://kong:[masked]@db:5432/kong'],
    ['Authorization: Bearer abc.def', 'Authorization: [masked]'],
    ['sent Bearer abcdefghijkl to upstream', 'sent Bearer [masked] to upstream'],
    ['password="hunter 2" user=bob', 'password=[masked] user=bob'],
    ['card 4111 1111 1111 1111 declined', 'card [masked] declined'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig_nature here', 'jwt [masked] here'],
  ])('hides credentials inside text: %s', (text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  it.each([
    '/items?caf%C3%A9=1&q=%61',
    '/?%6Donkey=1',
    '/?%zz=1&%=2',
    '/?%2561pikey=no-key-after-one-decoding',
  ])('leaves %s alone, whose name is none of a credential', (text) => {
    expect(maskText(text)).toBe(text);
    expect(masker.record({ text })).toEqual({ text });
  });

  it('leaves numbers alone that are no cards', () => {
    for (const text of [
      'order 4111 1111 1111 1112',
      'at 1795456773499',
      'id 68f7f556-d640-4f32-8b36-933d25febcd7',
    ]) {
      expect(maskText(text)).toBe(text);
    }
    expect(isCardNumber('4111-1111-1111-1111')).toBe(true);
    expect(masker.record({ a: 4111111111111111, b: 1795456773499 })).toEqual({
      a: '[masked]',
      b: 1795456773499,
    });
  });

  it('finds nothing left in what Kong writes', () => {
    const lines = readFileSync(new URL('../fixtures/kong-access.ndjson', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(lines.join('')).toMatch(/apikey=K1|"apikey":"K1"/);
    for (const line of lines) {
      const text = masked(JSON.parse(line) as JsonObject);
      expect(text).not.toMatch(/\bK1\b|sid=secret/);
    }
  });

  it('lets a line keep its own text only where masking would change nothing', () => {
    const clean =
      '{"time":"2026-11-23T17:59:33.499Z","message":"order placed","n":1795456773499,"deep":{"list":[{"a":1}]}}';
    expect(isKept(clean)).toBe(true);
    const dirty = [
      '{"deep":[{"p_a_s_s_word":"hunter2"}]}',
      '{"x":{"c.o.o.k.i.e":"sid"}}',
      '{"message":"Bearer abcdefghijkl"}',
      '{"message":"card 4111 1111 1111 1111"}',
      '{"n":4111111111111111}',
      '{"message":"card 3782 822463 10005"}',
      '{"url":"postgres://kong:hunter2@db/kong"}',
      // An escape could spell any of these.
      '{"message":"\\u0042earer abcdefghijkl"}',
      '{"url":"https:\\/\\/u:p@host\\/"}',
    ];
    for (const json of dirty) expect(isKept(json), json).toBe(false);
  });

  it.each([
    ['{"message":"Bearer abcdefghijkl"}', '{"message":"Bearer [masked]"}'],
    ['{"p_a_s_s_word":"hunter2"}', '{"p_a_s_s_word":"[masked]"}'],
    ['{"at":"postgres://kong:hunter2@db/kong"}', '{"at":"postgres://kong:[masked]@db/kong"}'],
    // Printed anew, the digits would be others.
    [
      '{"id":12345678901234567891,"m":"Bearer abcdefghijkl"}',
      '{"id":"12345678901234567891","m":"Bearer [masked]"}',
    ],
    ['{"big":1e400}', '{"big":"1e400"}'],
    ['{"big":1E+400}', '{"big":"1E+400"}'],
  ])('treats one line of a batch as if it had come alone: %s', (line, expected) => {
    const others = ['{"message":"first"}', '{"message":"last","n":12.50}'];
    const body = Buffer.from([others[0], line, others[1]].join('\n'));
    const intakes = intakesFromRecords(recordsFromLines(body, 1e6), 'http', 0, masker);
    expect(intakes.map(({ content }) => Buffer.from(content).toString())).toEqual([
      others[0],
      expected,
      others[1],
    ]);
  });

  it('masks the names that the configuration adds', () => {
    const { record } = createMasker(['X-Patient-Id']);
    expect(record({ x_patient_id: '42', other: '42' })).toEqual({ x_patient_id: '[masked]', other: '42' });
  });

  it('changes no prototype and keeps what is under __proto__ masked', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":true,"password":"p"},"constructor":{"prototype":{"x":1}}}',
    );
    const text = masked(hostile);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
    expect(text).toBe(
      '{"__proto__":{"polluted":true,"password":"[masked]"},"constructor":{"prototype":{"x":1}}}',
    );
  });

  it('refuses records that are nested deeper than 64 levels', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(() => masker.record(deep)).toThrow(TooDeepError);
  });

  it('takes linear time on text made to be slow', () => {
    const hostile = [
      `token=${'a'.repeat(500_000)}`,
      'password="'.repeat(50_000),
      '?apikey'.repeat(70_000),
      `://${':'.repeat(400_000)}`,
      `authorization:${' '.repeat(400_000)}`,
      '4'.repeat(400_000),
      '4111 '.repeat(80_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(10_000),
      `${'a-'.repeat(200_000)}token`,
      'eyJ'.repeat(130_000),
    ];
    for (const text of hostile) {
      // What takes quadratic time takes minutes here; the test's own limit ends it.
      expect(maskText(text).length, text.slice(0, 30)).toBeLessThan(text.length * 2);
    }
  });
});
