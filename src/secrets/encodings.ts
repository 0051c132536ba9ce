/** A value and how programs write it: every form in which it can stand in a log or a file. */

/** Fewer characters occur in innocent text. */
const SHORT = 6;
const SHORTEST_INSIDE = 4;

/** A text to look for. */
export interface Form {
  readonly text: string;
  /** Whether it counts only where it stands alone, because it can be part of innocent words. */
  readonly standsAlone: boolean;
}

/** The texts to look for. A value of several lines is also looked for line by line, as logs break it. */
export function formsOf(value: string): Form[] {
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= SHORT);
  const values = new Set([value, value.trim(), ...lines, ...lines.map((line) => line.trim())]);
  return [...values].flatMap((text) => {
    const standsAlone = text.length < SHORT;
    return [
      ...[...new Set(escapedForms(text))].map((form) => ({ text: form, standsAlone })),
      ...[...new Set(encodedForms(text))].map((form) => ({ text: form, standsAlone: false })),
    ].filter((form) => form.text !== '');
  });
}

function escapedForms(text: string): string[] {
  const json = inJson(text);
  const ascii = json.replace(/[^\x20-\x7e]/g, unicodeEscape);
  const url = encodeURIComponent(text);
  const form = new URLSearchParams({ v: text }).toString().slice(2);
  return [
    text,
    json,
    // A line of JSON inside of another one.
    inJson(json),
    ascii,
    inJson(ascii),
    // As Go's encoder writes it.
    json.replace(/[<>&]/g, unicodeEscape),
    url,
    form,
    lowerCasePercent(url),
    lowerCasePercent(form),
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    // In single quotes of YAML, of a shell, of Python.
    text.replaceAll("'", "''"),
    text.replaceAll("'", "'\\''"),
    text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
  ];
}

function encodedForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  return [...whole, hex, hex.toUpperCase(), ...insideBase64(bytes)].filter(
    (form) => form.length >= SHORTEST_INSIDE,
  );
}

/**
 * What of the Base64 of a longer text depends on these bytes alone, as of `user:password`: they begin at the first, second or
 * third byte of a group.
 */
const insideBase64 = (bytes: Buffer): string[] =>
  [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const inside = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
  });

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const lowerCasePercent = (text: string): string =>
  text.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase());
