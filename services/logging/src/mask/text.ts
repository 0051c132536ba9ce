/** Credentials inside free text: query strings, headers, tokens, URLs, card numbers. */

export const MASK = '[masked]';

// Most strings hold nothing of the kind: a cheap look decides whether the patterns below run. Several looks take half the time of
// one: words of like length are skipped over together.
const SUSPICIOUS = [
  /api[-_]?key/i,
  /secret|session|signature|bearer|cookie|basic |private key|token|passw|passphrase/i,
  /auth|pwd|jwt|eyJ/i,
  /[2-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d|[2-6]\d{3}[ -]?\d{6}[ -]?\d{3}/,
];

// A name of a query that is written with escapes could be any name.
const ESCAPED_NAME = /[?&;][\w.+-]{0,64}%[\da-f]{2}[\w.%+-]{0,190}=/i;
const USER_IN_URL = /:\/\/[^/\s]*@/;

/** Looking for a plain text first takes a tenth of the time of a pattern that seldom has anything to look at. */
function isSuspicious(text: string): boolean {
  return (
    SUSPICIOUS.some((pattern) => pattern.test(text)) ||
    (text.includes('%') && ESCAPED_NAME.test(text)) ||
    (text.includes('://') && USER_IN_URL.test(text))
  );
}

/**
 * False for text, JSON included, in which nothing would be masked, and then for every part of it too. Text with escapes is never
 * trusted to say what it holds.
 */
export function mayHoldCredentials(text: string): boolean {
  return text.includes('\\') || isSuspicious(text);
}

// Only the end of a name counts ("access_token", "db.password"), so nothing before it has to be matched.
const NAME =
  '(?:api[-_]?key|token|secret|password|passphrase|session[-_]?id|signature|(?<![a-z0-9])(?:passwd|pwd|jwt))';

// Every pattern is linear: no nested repetition over the same characters.
const QUERY = new RegExp(`([?&;][\\w.-]{0,64}?${NAME}=)[^&\\s"'#;<>]*`, 'gi');
const ESCAPED_QUERY = /([?&;])([\w.+-]{0,64}%[\da-f]{2}[\w.%+-]{0,190})=[^&\s"'#;<>]*/gi;
const WHOLE_NAME = new RegExp(`${NAME}[^a-z0-9]*$`, 'i');
const ASSIGNMENT = new RegExp(
  `(${NAME}["']?\\s{0,3}[:=]\\s{0,3})("[^"]{0,4096}"|'[^']{0,4096}'|[^\\s,;&"'}\\]]{1,4096})`,
  'gi',
);
const HEADER =
  /(\b(?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:(?:bearer|basic|digest|negotiate|token|key)\s{1,3})?[^\s"',;]{1,8192}/gi;
const COOKIE = /(\b(?:set-)?cookie["']?\s{0,3}[:=]\s{0,3})("[^"]{0,8192}"|[^\r\n"]{1,8192})/gi;
const BEARER = /\b(bearer|basic)\s{1,3}[A-Za-z0-9._~+/=-]{8,8192}/gi;
const JWT = /\beyJ[A-Za-z0-9_-]{5,4096}\.[A-Za-z0-9_-]{2,8192}(?:\.[A-Za-z0-9_-]{0,4096})?/g;
const USERINFO = /(:\/\/[^/\s:@]{0,256}:)[^/\s@]{1,1024}@/g;
const CARD =
  /(?<![A-Za-z0-9._-])(?:[3456]\d|2[2-7])\d{2}(?:[ -]?\d{4,6}){2,3}(?:[ -]?\d{1,4})?(?![A-Za-z0-9_-])/g;
const PEM =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;

/** The check digit of payment cards: digits that fail it are order numbers and the like. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (digits.length < 13 || digits.length > 19) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** As a gateway reads the name of a parameter: decoded once, and what is no escape stays. */
const unescaped = (name: string): string =>
  name.replace(/%([\da-f]{2})/gi, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );

/** Masks credentials in a text; a text without any is returned as it is. */
export function maskText(text: string): string {
  if (!isSuspicious(text)) return text;
  return text
    .replace(PEM, MASK)
    .replace(HEADER, `$1${MASK}`)
    .replace(COOKIE, `$1${MASK}`)
    .replace(QUERY, `$1${MASK}`)
    .replace(ESCAPED_QUERY, (whole: string, before: string, name: string) =>
      WHOLE_NAME.test(unescaped(name)) ? `${before}${name}=${MASK}` : whole,
    )
    .replace(ASSIGNMENT, (whole: string, name: string, value: string) =>
      // An earlier pattern was here; its closing bracket is not part of this one's value.
      value.startsWith(MASK.slice(0, -1)) ? whole : `${name}${MASK}`,
    )
    .replace(BEARER, `$1 ${MASK}`)
    .replace(JWT, MASK)
    .replace(USERINFO, `$1${MASK}@`)
    .replace(CARD, (digits) => (isCardNumber(digits) ? MASK : digits));
}
