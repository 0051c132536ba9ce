import { Sealed } from './sealed.ts';
import { isFields, type Value } from './value.ts';

/** Shorter ones occur in innocent text. */
const SHORT = 6;

/** Says whether a text holds one of the secrets in these fields; short ones do not count. They are looked for at the first question. */
export function secretFinder(values: readonly Value[]): (text: string) => boolean {
  let secrets: ReadonlyMap<string, readonly string[]> | undefined;
  return (text) => {
    secrets ??= byBeginning(secretsIn(values).keys());
    for (let at = 0; at + SHORT <= text.length; at += 1) {
      const alike = secrets.get(text.slice(at, at + SHORT));
      if (alike?.some((secret) => text.startsWith(secret, at)) === true) return true;
    }
    return false;
  };
}

/** A text is looked through once, however many secrets there are. */
function byBeginning(secrets: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const secret of secrets) {
    if (secret.length < SHORT) continue;
    const beginning = secret.slice(0, SHORT);
    const alike = found.get(beginning) ?? [];
    found.set(beginning, alike);
    alike.push(secret);
  }
  return found;
}

/** Kong's messages repeat values; the secrets among them are masked before anyone reads them. */
export function withoutSecrets(text: string, values: Iterable<Value>): string {
  const secrets = secretsIn(values);
  const patterns = [...secrets.keys()]
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length)
    // A short one only where it stands alone: it is part of many words.
    .map((secret) =>
      secret.length < SHORT ? `(?<![A-Za-z0-9])${escaped(secret)}(?![A-Za-z0-9])` : escaped(secret),
    );
  if (patterns.length === 0) return text;
  return text.replace(
    new RegExp(patterns.join('|'), 'g'),
    (secret) => secrets.get(secret)?.shown() ?? '[secret]',
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** By their texts. */
function secretsIn(values: Iterable<Value>): ReadonlyMap<string, Sealed> {
  const found = new Map<string, Sealed>();
  const visit = (value: Value): void => {
    if (value instanceof Sealed) found.set(String(value.reveal()), value);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isFields(value)) Object.values(value).forEach(visit);
  };
  for (const value of values) visit(value);
  return found;
}
