import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/event/model.ts';
import { maskedContent } from '../../src/event/take.ts';
import { createMasker } from '../../src/mask/mask.ts';
import { compilePatterns, patternProblem } from '../../src/mask/patterns.ts';
import { ask, everythingStored, post, runningService, scratchDirectory } from '../support/scratch.ts';

const BADGE = 'EMP(?:-[0-9]{3}){2,4}';
const CUSTOMER = '^C-[0-9]{6}$';
const masker = createMasker([], compilePatterns([BADGE, CUSTOMER, '^77[0-9]{4}$']));

/** As a line of a batch: kept as it is where it is clean. */
const kept = (record: JsonObject): string => {
  const text = JSON.stringify(record);
  return Buffer.from(maskedContent({ record: JSON.parse(text), text }, masker)).toString();
};

describe('patterns of the operator', () => {
  it('hide what they match in values, nested ones included, and nothing else of them', () => {
    expect(kept({ message: 'paid from EMP-123-456-789 today', n: [{ to: 'EMP-123-456' }] })).toBe(
      '{"message":"paid from [masked] today","n":[{"to":"[masked]"}]}',
    );
  });

  it('are held against each value, so that an anchor is the value’s own', () => {
    expect(kept({ customer: 'C-123456', note: 'C-123456 called' })).toBe(
      '{"customer":"[masked]","note":"C-123456 called"}',
    );
  });

  it('hide numbers too', () => {
    expect(kept({ id: 771234, count: 7712345 })).toBe('{"id":"[masked]","count":7712345}');
  });

  it('find what the record wrote with escapes', () => {
    const text = '{"customer":"\\u0043-123456"}';
    const content = maskedContent({ record: JSON.parse(text), text }, masker);
    expect(Buffer.from(content).toString()).toBe('{"customer":"[masked]"}');
  });

  it('come after what is masked anyway, in lines of text as well', () => {
    expect(masker.text('password=x, from EMP-123-456')).toBe('password=[masked], from [masked]');
  });

  it('keep a line as it came when it holds nothing of them', () => {
    const bytes = Buffer.from('{ "message" : "nothing here" }');
    const record = { message: 'nothing here' };
    expect(maskedContent({ record, text: bytes.toString(), bytes }, masker)).toBe(bytes);
  });

  it('end, whatever they are and whatever they are held against', () => {
    const slow = createMasker([], compilePatterns(['(x+x+)+y', '(a|a)*b', '(?:[a-z]+)+[0-9]{3}']));
    const hostile = `${'x'.repeat(20_000)}${'a'.repeat(20_000)}`;
    expect(slow.text(hostile)).toBe(hostile);
  });

  it.each([
    ['(', 'no pattern of RE2'],
    ['(?=x)', 'no pattern of RE2'],
    ['(a)\\1', 'no pattern of RE2'],
    ['a*', 'matches the empty text'],
    ['', 'matches the empty text'],
    ['a'.repeat(501), 'longer than 500'],
    ['(?:a{1000}){1000}', 'no pattern of RE2'],
  ])('are refused when they cannot work: %s', (pattern, problem) => {
    expect(patternProblem(pattern)).toContain(problem);
  });

  it('work before anything reaches the disk, from the variable of the service', async () => {
    const service = await runningService(await scratchDirectory(), {
      LOGGING_MASK_PATTERNS: JSON.stringify([BADGE]),
    });
    await post(`${service.ingestUrl}/v1/events`, '{"message":"to EMP-123-456"}');
    await everythingStored(service);
    const { json } = await ask(service, '/api/v1/events?q=masked');
    expect(json.events[0].body).toBe('to [masked]');
  });
});
