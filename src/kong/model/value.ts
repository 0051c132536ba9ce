import { Sealed } from './sealed.ts';

/** What a declared or observed field holds: JSON, in which a secret is a `Sealed` instead of its text. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Sealed
  | readonly Value[]
  | { readonly [key: string]: Value };

export type Fields = Readonly<Record<string, Value>>;

/** JSON that may be shown. */
export type Shown = null | boolean | number | string | readonly Shown[] | { readonly [key: string]: Shown };

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Sealed);

/** The value with its secrets in clear, to be sent to Kong and nowhere else. */
export function revealed(value: Value): unknown {
  if (value instanceof Sealed) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (isFields(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, revealed(below)]));
  }
  return value;
}

/** The value as people may see it: each secret as its mask and a short hash. */
export function shown(value: Value): Shown {
  if (value instanceof Sealed) return value.shown();
  if (Array.isArray(value)) return value.map(shown);
  if (isFields(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, shown(below)]));
  }
  return value as Shown;
}

export function containsSecret(value: Value): boolean {
  if (value instanceof Sealed) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isFields(value) && Object.values(value).some(containsSecret);
}

/** The same text for equal values, whatever the order of keys. Secrets are in it in clear: it is for comparing only. */
export function comparable(value: Value): string {
  if (value instanceof Sealed) return JSON.stringify(value.reveal());
  if (Array.isArray(value)) return `[${value.map(comparable).join(',')}]`;
  if (!isFields(value)) return JSON.stringify(value);
  const pairs = Object.entries(value)
    .filter(([, below]) => below !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, below]) => `${JSON.stringify(key)}:${comparable(below)}`);
  return `{${pairs.join(',')}}`;
}
