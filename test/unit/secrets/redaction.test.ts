import { describe, expect, it } from 'vitest';
import { redaction } from '../../../src/secrets/redaction.ts';

const { text, document } = redaction([]);

describe('what shows by its surroundings that it is secret', () => {
  it.each([
    ['> Authorization: Bearer abc', '> Authorization: [secret]'],
    ['{"cookie":"a=\\"b\\"; c=d","status":200}', '{"cookie":[secret],"status":200}'],
    [
      '{\\"authorization\\":\\"Basic x\\\\\\"y\\",\\"status\\":200}',
      '{\\"authorization\\":[secret],\\"status\\":200}',
    ],
    ['{"set-cookie": ["a=1", "b=2"], "n": 1}', '{"set-cookie": [secret], "n": 1}'],
    ['curl -H "apikey: k-1" http://x', 'curl -H "apikey: [secret]" http://x'],
    ['GET /?apikey=k-1&page=2', 'GET /?apikey=[secret]&page=2'],
    ["DB_PASSWORD='a b' MODE=x", 'DB_PASSWORD=[secret] MODE=x'],
    ['postgres://kong:pw@db/kong', 'postgres://kong:[secret]@db/kong'],
    ['sent Basic a29uZzprOSN4 to it', 'sent Basic [secret] to it'],
    ['key AGE-SECRET-KEY-1QQQ.', 'key [secret].'],
  ])('%s', (said, shown) => {
    expect(text(said)).toBe(shown);
  });

  it.each([
    'POSTGRES_PASSWORD_FILE: /run/secrets/postgres-password',
    'token: null, secret: true',
    'urlSecret: alert-slack-url',
    'secrets:\n  - postgres-password',
    'http://127.0.0.1:8000/api?a=1',
    'Basic authentication is off',
  ])('leaves alone what is none: %s', (said) => {
    expect(text(said)).toBe(said);
  });

  it('keeps the shape of a document', () => {
    expect(
      document({ token: 'x', urlSecret: 'alert-x', ports: [8000], 'a password': ['y', 1, null] }),
    ).toEqual({
      token: '[secret]',
      urlSecret: 'alert-x',
      ports: [8000],
      'a password': ['[secret]', 1, null],
    });
  });
});

it('masks a short value only where it stands alone', () => {
  const short = redaction(['on4']).text;
  expect(short('moon42 is on4.')).toBe('moon42 is [secret].');
});
