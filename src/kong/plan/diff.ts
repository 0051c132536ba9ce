import { KINDS, type Kind } from '../model/kinds.ts';
import { Sealed } from '../model/sealed.ts';
import {
  comparable,
  containsSecret,
  type Fields,
  isFields,
  type Shown,
  shown,
  type Value,
} from '../model/value.ts';
import { FIXED_SCHEMAS } from '../read/entity-schema.ts';

export interface FieldChange {
  readonly from: Value;
  readonly to: Value;
}

/** Matching and planning ask about the same pairs; both sides are never changed. */
const known = new WeakMap<Fields, WeakMap<Fields, Readonly<Record<string, FieldChange>>>>();

/** The fields that differ, by their dotted path, as `config.minute`. Both sides are in canonical form. */
export function differences(kind: Kind, wanted: Fields, live: Fields): Readonly<Record<string, FieldChange>> {
  const ofWanted = known.get(wanted) ?? new WeakMap();
  const result = ofWanted.get(live) ?? compareAll(kind, wanted, live);
  known.set(wanted, ofWanted.set(live, result));
  return result;
}

function compareAll(kind: Kind, wanted: Fields, live: Fields): Readonly<Record<string, FieldChange>> {
  const found: Record<string, FieldChange> = {};
  const skipped = new Set(KINDS[kind].volatile);
  for (const field of autoFields(kind)) if (wanted[field] == null) skipped.add(field);
  if (isHashedByKong(kind, live)) skipped.add('client_secret');
  for (const field of new Set([...Object.keys(wanted), ...Object.keys(live)])) {
    if (!skipped.has(field)) compare(field, wanted[field] ?? null, live[field] ?? null, found);
  }
  return found;
}

/** Fields that Kong fills by itself: a key that the file does not give is whatever Kong made it. */
export const autoFields = (kind: Kind): readonly string[] =>
  (FIXED_SCHEMAS[kind]?.fields ?? [])
    .flatMap((field) => Object.entries(field))
    .filter(([, schema]) => schema.auto === true)
    .map(([name]) => name);

/** An oauth2 secret that was stored as a salted hash cannot be compared with anything. */
export const isHashedByKong = (kind: Kind, live: Fields): boolean =>
  kind === 'oauth2' &&
  live.client_secret instanceof Sealed &&
  String(live.client_secret.reveal()).startsWith('$');

function compare(path: string, wanted: Value, live: Value, found: Record<string, FieldChange>): void {
  if (wanted === live) return;
  if (isFields(wanted) && isFields(live)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(live)])) {
      compare(`${path}.${key}`, wanted[key] ?? null, live[key] ?? null, found);
    }
    return;
  }
  if (comparable(wanted) !== comparable(live)) found[path] = { from: live, to: wanted };
}

/**
 * A difference as people may see it. Where one side is a secret, the other one was or will be; where a name or a text looks like
 * a credential, or holds a secret that the file uses elsewhere, it is treated as one.
 */
export function shownChange(
  path: string,
  change: FieldChange,
  holdsSecret: (text: string) => boolean,
): { readonly from: Shown; readonly to: Shown } {
  const all = CREDENTIAL_NAME.test(path) || containsSecret(change.from) || containsSecret(change.to);
  const masked = (value: Value) =>
    shown(withSecretsSealed(value, (text) => all || looksSecret(text, holdsSecret)));
  return { from: masked(change.from), to: masked(change.to) };
}

const CREDENTIAL_NAME =
  /(^|[._-])(pass(word|wd|phrase)?|secret|token|credentials?|private_key|api_?key|apikey|authorization|cookie)$|_(secret|token|password|key)$/i;

const CREDENTIAL_LINE = /^\s*(authorization|proxy-authorization|cookie|x-api-key|apikey)\s*:/i;

const looksSecret = (text: string, holdsSecret: (text: string) => boolean): boolean =>
  CREDENTIAL_LINE.test(text) || holdsSecret(text);

/** A plugin's configuration in which what looks like a credential is sealed: Kong's schemas do not know what a header holds. */
export function withCredentialsSealed(config: Value): Value {
  const sealed = withSecretsSealed(config, (text) => CREDENTIAL_LINE.test(text));
  if (!isFields(sealed) || !isFields(config)) return sealed;
  // Code that makes the fields of a log record, named as these are.
  return Object.fromEntries(
    Object.entries(sealed).map(([field, value]) => [
      field,
      field === 'custom_fields_by_lua' ? (config[field] ?? null) : value,
    ]),
  );
}

/** A name as people may see it: one that holds a secret of the file is shown as a secret. */
export const shownText = (text: string, holdsSecret: (text: string) => boolean): string =>
  looksSecret(text, holdsSecret) ? new Sealed(text).shown() : text;

function withSecretsSealed(value: Value, isSecret: (text: string) => boolean): Value {
  if (typeof value === 'string') return isSecret(value) ? new Sealed(value) : value;
  if (Array.isArray(value)) return value.map((item: Value) => withSecretsSealed(item, isSecret));
  if (isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [
        key,
        withSecretsSealed(below, (text) => CREDENTIAL_NAME.test(key) || isSecret(text)),
      ]),
    );
  }
  return value;
}
