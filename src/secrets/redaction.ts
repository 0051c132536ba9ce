import { formsOf } from './encodings.ts';

const MASK = '[secret]';

export interface Redaction {
  /** A text of any kind, of any number of lines. */
  readonly text: (text: string) => string;
  /** A document; numbers and the like stay. */
  readonly document: (value: unknown) => unknown;
}

/**
 * Takes out of texts what must not be seen: these values in every form in which a program may write them, and what shows by its
 * surroundings that it is one: private keys, credentials in headers, values of variables that are called so, passwords in URLs,
 * signed tokens. Rather too much than too little.
 */
export function redaction(values: Iterable<string>, others: (text: string) => string = (t) => t): Redaction {
  const known = patternOf(values);
  const text = (given: string): string => {
    const masked = known === null ? given : given.replace(known, MASK);
    return others(SURROUNDINGS.reduce((left, { pattern, by }) => left.replace(pattern, by), masked));
  };
  const document = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return isTelling(key) ? MASK : text(value);
    if (Array.isArray(value)) return value.map((item) => document(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, below]) => [text(name), document(below, name)]),
    );
  };
  return { text, document: (value) => document(value) };
}

/** All forms of all values in one pattern, the longest first; a short one counts only where it stands alone. */
function patternOf(values: Iterable<string>): RegExp | null {
  const forms = new Map<string, string>();
  for (const { text, standsAlone } of [...values].flatMap(formsOf)) {
    const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    forms.set(text, standsAlone ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal);
  }
  if (forms.size === 0) return null;
  const longestFirst = [...forms].sort(([a], [b]) => b.length - a.length).map(([, pattern]) => pattern);
  return new RegExp(longestFirst.join('|'), 'g');
}

/** What a name says of its value; `urlSecret` names a secret and is none. */
const NAME =
  '(?:password|passwd|passphrase|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|(?<![a-z])secret)s?';
const TELLING_NAME = new RegExp(`(?:${NAME}|authorization|cookie)$`, 'i');
const isTelling = (key: string): boolean => TELLING_NAME.test(key) && !/Secret$/.test(key);

/** Whether the value of a variable of this name is to be kept from others. */
export const isSecretName = (name: string): boolean => isTelling(name);

/** A text in quotes that may themselves be escaped, to its end or that of the line. */
const QUOTED = String.raw`"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|(\\+["'])(?:(?!(?<!\\)\QUOTE)[^\n])*(?:\QUOTE)?`;
const quoted = (group: number): string => QUOTED.replaceAll('QUOTE', String(group));
const LIST = String.raw`\[\s*(?:"(?:\\.|[^"\\\n])*"[\s,]*)+\]?`;
/** Between a name and its value, the end of the name's own quotes included. */
const SAYS = String.raw`\\*["']?[ \t]*[:=][ \t]*`;

const SURROUNDINGS: readonly { readonly pattern: RegExp; readonly by: string }[] = [
  {
    // To the end of the text where the key is cut off.
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
    by: MASK,
  },
  // The end of a key whose beginning is not in the text: the lines before it are the key.
  { pattern: /^(?:[^\n]*\n){0,60}?[^\n]*-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/gm, by: MASK },
  // "-----BEGIN " in Base64.
  { pattern: /LS0tLS1CRUdJTi[\w+/=-]*/g, by: MASK },
  { pattern: /AGE-SECRET-KEY-1[A-Z0-9]+/gi, by: MASK },
  {
    pattern: new RegExp(`((?:authorization|cookie)${SAYS})(?:${LIST}|${quoted(2)}|[^\\n]+)`, 'gi'),
    by: `$1${MASK}`,
  },
  {
    pattern: new RegExp(
      `(${NAME}${SAYS})(?!true\\b|false\\b|null\\b|/run/secrets/|\\[secret\\])(?:${quoted(2)}|[^\\s,;&"'}\\])\\\\]+)`,
      'gi',
    ),
    by: `$1${MASK}`,
  },
  { pattern: /(:\/\/[^\s/@:"']{0,256}:)[^\s/@"']{1,512}(?=@)/g, by: `$1${MASK}` },
  { pattern: /\b(Basic|Bearer) +(?=[a-z+/.~-]*[A-Z0-9])[\w+/.~-]{6,}=*/g, by: `$1 ${MASK}` },
  { pattern: /\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g, by: MASK },
];
