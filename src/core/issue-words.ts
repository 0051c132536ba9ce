import type { z } from 'zod';

/** What zod says of itself; a message of a schema's own is none of these. */
const ZODS_OWN = /^(Too small|Too big|Invalid)\b/;

/** What is wrong with a value, in words that know nothing of the library: `must be at least 1`. Pure. */
export function issueWords(issue: z.core.$ZodIssue): string {
  if (!ZODS_OWN.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'too_small':
      return sizeWords(issue.origin, 'least', issue.minimum);
    case 'too_big':
      return sizeWords(issue.origin, 'most', issue.maximum);
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : typeWords(issue.expected);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? `must be a valid ${issue.format}`;
    case 'invalid_union':
      return alternatives(
        issue.errors.flatMap(([first]) => (first === undefined ? [] : [issueWords(first)])),
      );
    case 'invalid_key':
      return issue.issues[0] === undefined ? issue.message : issueWords(issue.issues[0]);
    default:
      return issue.message;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  ipv4: 'must be an IPv4 address',
  ipv6: 'must be an IPv6 address',
};

const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
  set: ['entry', 'entries'],
};

function sizeWords(origin: string, bound: 'least' | 'most', size: number | bigint): string {
  const units = UNITS[origin];
  if (units === undefined) return `must be at ${bound} ${size}`;
  if (bound === 'least' && Number(size) === 1) return 'must not be empty';
  return `must have at ${bound} ${size} ${Number(size) === 1 ? units[0] : units[1]}`;
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

const typeWords = (expected: string): string => `must be ${TYPES[expected] ?? expected}`;

/** `must be an IPv4 address or an IPv6 address` */
const alternatives = (words: readonly string[]): string =>
  [...new Set(words)].map((text, index) => (index === 0 ? text : text.replace(/^must be /, ''))).join(' or ');
