/** Typed look-ups in records that nobody has vouched for. */
import type { JsonObject } from './model.ts';

const MAX_NAME_LENGTH = 256;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names are looked up for every record; where they are cut is found out once. */
const heads = new Map<string, { readonly head: string; readonly rest: string } | null>();

function cutAtDot(path: string): { readonly head: string; readonly rest: string } | null {
  let cut = heads.get(path);
  if (cut === undefined) {
    const dot = path.indexOf('.');
    cut = dot < 0 ? null : { head: path.slice(0, dot), rest: path.slice(dot + 1) };
    heads.set(path, cut);
  }
  return cut;
}

/** Finds `a.b.c` as a flat dotted key or as nested objects; inherited properties do not count. */
export function lookUp(record: JsonObject, path: string): unknown {
  const value = record[path];
  if (value !== undefined && Object.hasOwn(record, path)) return value;
  const cut = cutAtDot(path);
  if (cut === null) return undefined;
  const inner = record[cut.head];
  return isObject(inner) && Object.hasOwn(record, cut.head) ? lookUp(inner, cut.rest) : undefined;
}

/** The first of several names that holds a non-empty string or a number, as text cut to 256 characters. */
export function textOf(record: JsonObject, ...paths: readonly string[]): string | null {
  for (const path of paths) {
    const value = lookUp(record, path);
    if (typeof value === 'string' && value !== '') return value.slice(0, MAX_NAME_LENGTH);
    if (typeof value === 'number') return String(value);
  }
  return null;
}

/** The first of several names that holds a finite number (or its digits). */
export function numberOf(record: JsonObject, ...paths: readonly string[]): number | null {
  for (const path of paths) {
    const value = lookUp(record, path);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,9})?$/.test(value)) return Number(value);
  }
  return null;
}

/** An HTTP status code, null when it is none. */
export function statusOf(record: JsonObject, ...paths: readonly string[]): number | null {
  const status = numberOf(record, ...paths);
  return status !== null && Number.isInteger(status) && status >= 100 && status <= 599 ? status : null;
}

/** The first of several names that is present at all, with the value as it stands. */
export function firstPresent(record: JsonObject, ...paths: readonly string[]): unknown {
  for (const path of paths) {
    const value = lookUp(record, path);
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** A time as written, for keeping beside the parsed one. */
export function rawText(value: unknown): string | null {
  if (typeof value === 'string') return value.slice(0, MAX_NAME_LENGTH);
  return typeof value === 'number' ? String(value) : null;
}

/** Source names become metric labels and file-like identifiers: a fixed safe alphabet, at most 64 characters. */
export function safeSource(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 64);
  return safe === '' ? 'unnamed' : safe;
}

/** Trace context header -> ids. Wrong versions and all-zero ids are ignored, as the W3C text asks. */
export function parseTraceparent(value: unknown): { traceId: string; spanId: string } | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(value);
  const traceId = match?.[1];
  const spanId = match?.[2];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return undefined;
  return { traceId, spanId };
}
