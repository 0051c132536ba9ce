import { describe, expect, it } from 'vitest';
import { pageAnswer, readOffset, readSize, readTags, writeOffset } from '../../src/admin/paging.ts';
import { AdminError } from '../../src/errors/admin-error.ts';

const query = (text: string): URLSearchParams => new URLSearchParams(text);

function messageOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof AdminError) return error.body.message;
    throw error;
  }
  return undefined;
}

describe('the size of a page', () => {
  it('is a hundred unless it is said', () => {
    expect(readSize(query(''))).toBe(100);
    expect(readSize(query('size=1000'))).toBe(1000);
  });

  it.each([
    ['size=0', 'size must be an integer between 1 and 1000'],
    ['size=1001', 'size must be an integer between 1 and 1000'],
    ['size=1.5', 'size must be an integer between 1 and 1000'],
    ['size=x', 'size must be a number'],
    ['size=', 'size must be a number'],
  ])('is refused as %s', (text, message) => {
    expect(messageOf(() => readSize(query(text)))).toBe(message);
  });
});

describe('the place where a page starts', () => {
  it('comes back as it was given out', () => {
    expect(readOffset(query(`offset=${writeOffset('a', 'b')}`), () => true)).toEqual(['a', 'b']);
    expect(readOffset(query(''), () => true)).toBeUndefined();
  });

  it.each([
    ['***', 'bad base64 encoding'],
    ['garbage', 'bad json encoding'],
    [writeOffset("1' or 1=1"), 'bad place in the collection'],
    [Buffer.from('{}').toString('base64url'), 'bad place in the collection'],
  ])('is refused as %s', (offset, problem) => {
    const isNumber = (part: string) => /^\d+$/.test(part);
    expect(messageOf(() => readOffset(query(`offset=${encodeURIComponent(offset)}`), isNumber))).toBe(
      `'${offset}' is not a valid offset: ${problem}`,
    );
  });
});

describe('a filter by tags', () => {
  it('asks for all tags with commas and for any with slashes', () => {
    expect(readTags(query('tags=a,b'))).toEqual({ tags: ['a', 'b'], isAnyEnough: false });
    expect(readTags(query('tags=a/b'))).toEqual({ tags: ['a', 'b'], isAnyEnough: true });
  });

  it.each(['a,b/c', ',a', 'a,,b', '/a', 'a\u0001'])('is refused as %s', (tags) => {
    expect(messageOf(() => readTags(new URLSearchParams({ tags })))).toBe(
      'invalid option (tags: invalid filter syntax)',
    );
  });

  it('is refused with more than five tags', () => {
    expect(messageOf(() => readTags(query('tags=a,b,c,d,e,f')))).toBe(
      'invalid option (tags: cannot query more than 5 tags)',
    );
  });
});

describe('the answer with a page', () => {
  it('leads to the next page with the same filter and size', () => {
    const answer = pageAnswer([1], '/services/', 'abc', query('size=1&tags=a,b&x=y'));
    expect(answer).toEqual({ data: [1], offset: 'abc', next: '/services?offset=abc&tags=a%2Cb&size=1' });
  });

  it('leads below a parent without them', () => {
    expect(pageAnswer([1], '/services/s/routes', 'abc', undefined).next).toBe(
      '/services/s/routes?offset=abc',
    );
  });

  it('ends with null', () => {
    expect(pageAnswer([], '/services', undefined, query('size=1'))).toEqual({ data: [], next: null });
  });
});
