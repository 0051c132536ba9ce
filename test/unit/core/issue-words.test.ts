import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { issueWords } from '../../../src/core/issue-words.ts';

const wordsOf = (schema: z.ZodType, value: unknown): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map(issueWords);

describe('what is wrong with a value', () => {
  it.each([
    [z.int().min(0), -1, 'must be at least 0'],
    [z.int().max(20), 21, 'must be at most 20'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.int(), 'x', 'must be a number'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.string(), 1, 'must be text'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(8), 'x', 'must have at least 8 characters'],
    [z.array(z.string()).min(1), [], 'must not be empty'],
    [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entry'],
    [z.array(z.string()), 'x', 'must be a list'],
    [z.strictObject({}), [], 'must be a map'],
    [z.record(z.string(), z.string()), 'x', 'must be a map'],
    [z.object({ a: z.string() }), {}, 'is missing'],
    [z.enum(['core', 'elk']), 'x', 'must be one of core, elk'],
    [z.enum(['core']), 'x', 'must be core'],
    [z.union([z.ipv4(), z.ipv6()]), 'x', 'must be an IPv4 address or an IPv6 address'],
    [z.union([z.ipv4(), z.ipv6()]), 1, 'must be text'],
    [z.record(z.string().regex(/^a/, 'must begin with a'), z.string()), { b: 'x' }, 'must begin with a'],
    [z.string().regex(/^a/, 'must begin with a'), 'b', 'must begin with a'],
  ])('is told in plain words (%#)', (schema, value, words) => {
    expect(wordsOf(schema, value)).toEqual([words]);
  });
});
