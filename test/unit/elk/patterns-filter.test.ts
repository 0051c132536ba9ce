import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RE2JS } from 're2js';
import { afterAll, describe, expect, it } from 'vitest';
import { maskPrograms } from '../../../src/elk/mask-programs.ts';
import { describeInEachRuby, type Fields, rubyDuringTests } from '../../support/ruby-filter.ts';

/** Intent: what the user's own patterns mask in the logging service, and nothing else, is masked in what Logstash ships. */

const SCRIPT = fileURLToPath(new URL('../../../elk/logstash/filters/patterns.rb', import.meta.url));
const REMOVED = '[removed]';

/** Everything in which RE2 and Ruby differ, and what takes a backtracking engine for ever. */
const PATTERNS = [
  ...['EMP-[0-9]{6}', '(?i)iban[:= ]+[A-Z]{2}[0-9]{2}[A-Z0-9 ]{10,30}', '^a+$', '(?m)^x.*$', '(?s)a.b'],
  ...['\\bfoo\\b', '\\Bo', 'a|ab', '(?U)a.*b', 'a.*?b', '(a+)+c', '(?P<n>x)(y)?', '\\Qa.b\\E', '\\d+\\z'],
  ...['(?i)straße|k', '(?i)ſ', '\\p{Greek}+', '[^a-z ]+', '[[:alpha:]]{3}', '\\x{1F642}', 'é{2,}', '\\s+1'],
  'a[^\\x00-\\x{10FFFF}]|b',
];
const PARTS = [
  ...['a', 'b', 'c', 'x', 'y', 'o', 'f', 'foo', ' ', '\n', '\v', '1', '2', '.', '@', '-', '_', 'k', 's', 'S'],
  ...['EMP-123456', 'IBAN: DE12ABCDEFGHIJKL', 'é', 'É', 'K', 'ß', 'ẞ', 'αβ', '🙂'],
];

/** Of up to twelve parts each, the same ones every time. */
function texts(count: number): string[] {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * limit);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + below(12) }, () => PARTS[below(PARTS.length)]).join(''),
  );
}

describeInEachRuby('what the user’s own patterns find, in %s', (program) => {
  const folder = mkdtempSync(join(tmpdir(), 'apictl-patterns-'));
  const file = join(folder, 'patterns.json');
  const ruby = rubyDuringTests(program);
  afterAll(() => rmSync(folder, { recursive: true }));

  const filtered = (
    patterns: readonly string[],
    events: readonly Fields[],
    torn?: string,
  ): Promise<Fields[]> => {
    writeFileSync(file, JSON.stringify(maskPrograms(patterns)));
    return ruby.run({ script: SCRIPT, params: { file }, events, ...(torn === undefined ? {} : { torn }) });
  };

  it('is what RE2 finds', async () => {
    for (const pattern of PATTERNS) {
      const found = await filtered(
        [pattern],
        texts(150).map((message) => ({ message })),
      );
      const re2 = RE2JS.compile(pattern);
      expect(
        found.map(({ message }) => message),
        pattern,
      ).toEqual(texts(150).map((text) => re2.matcher(text).replaceAll(REMOVED)));
    }
  }, 120_000);

  it('is found in a text that leads through more states than are kept', async () => {
    const letters = texts(20_000).map((text) => (text.length % 2 === 0 ? 'a' : 'b'));
    const message = `${letters.join('')}a${'b'.repeat(12)}c`;
    const pattern = 'a[ab]{12}c';
    const [event] = await filtered([pattern], [{ message }]);
    expect(event?.message).toBe(RE2JS.compile(pattern).matcher(message).replaceAll(REMOVED));
  }, 60_000);

  it('is removed wherever a record holds it, in numbers too, and from a line that is no JSON', async () => {
    const kong = {
      request: { uri: '/staff/EMP-123456?x=1', headers: { via: ['a', 'for EMP-000001'] } },
      response: { status: 200 },
      latencies: { kong: 7, ratio: 0.25 },
      account: 4_711_000_815,
      consumer: null,
      ok: true,
    };
    expect(await filtered(['EMP-[0-9]{6}', '^4711'], [{ kong }, { message: 'torn EMP-123456' }])).toEqual([
      {
        kong: {
          ...kong,
          request: { uri: `/staff/${REMOVED}?x=1`, headers: { via: ['a', `for ${REMOVED}`] } },
          account: `${REMOVED}000815`,
        },
      },
      { message: `torn ${REMOVED}` },
    ]);
    expect(await filtered([], [{ kong }])).toEqual([{ kong }]);
  });

  it('takes no time without end: a text that costs too much is removed whole', async () => {
    // Each a is one, and from each the end has to be reached to know that no b comes.
    const [short, long] = await filtered(
      ['a.*b|a'],
      ['aaa', 'a'.repeat(100_000)].map((message) => ({ message })),
    );
    expect([short?.message, long?.message]).toEqual([REMOVED.repeat(3), REMOVED]);
  }, 60_000);

  it('takes with it all the content where it cannot be looked for', async () => {
    const events = [{ kong: { a: 'EMP-123456' }, message: 'EMP-123456' }];
    expect(await filtered(['EMP'], events, 'message')).toEqual([{ tags: ['_patterns_not_looked_for'] }]);
  });
});

describe('the programs of patterns', () => {
  it('name both cases of a character where the pattern does', () => {
    // The sign for kelvin is a k, too.
    expect(maskPrograms(['(?i)k'])[0]?.classes).toEqual([[0x4b, 0x4b, 0x6b, 0x6b, 0x212a, 0x212a]]);
  });

  it('stay small where a pattern repeats a class of Unicode a thousand times', () => {
    const [program] = maskPrograms(['\\p{L}{1000}']);
    expect(program?.steps.length).toBeGreaterThan(1000);
    expect(JSON.stringify(program).length).toBeLessThan(50_000);
  });
});
