import { invalidOffset, invalidOption, invalidSize } from '../errors/admin-error.ts';
import type { TagFilter } from '../store/tables.ts';

const DEFAULT_SIZE = 100;
const LARGEST_SIZE = 1000;
const MOST_TAGS = 5;

const AND_TAGS = /^(?:[\x20-\x2b\x2d\x2e\x30-\x7e\x80-\u{10ffff}]+(?:,|$))+$/u;
const OR_TAGS = /^(?:[\x20-\x2b\x2d\x2e\x30-\x7e\x80-\u{10ffff}]+(?:\/|$))+$/u;

/** @throws AdminError (invalid size) */
export function readSize(query: URLSearchParams): number {
  const text = query.get('size');
  if (text === null) return DEFAULT_SIZE;
  const size = Number(text);
  if (text.trim() === '' || Number.isNaN(size)) throw invalidSize('size must be a number');
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_SIZE) {
    throw invalidSize(`size must be an integer between 1 and ${LARGEST_SIZE}`);
  }
  return size;
}

/** A place in a collection, packed so that clients do not build on what it says. */
export const writeOffset = (...place: readonly string[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/**
 * Unpacks a place that `writeOffset` made; undefined when the query has none.
 *
 * @throws AdminError (invalid offset)
 */
export function readOffset(
  query: URLSearchParams,
  isValid: (part: string) => boolean,
): readonly string[] | undefined {
  const text = query.get('offset');
  if (text === null) return undefined;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw invalidOffset(text, 'bad base64 encoding');
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw invalidOffset(text, 'bad json encoding');
  }
  if (!Array.isArray(place) || place.length === 0 || !place.every((part) => isValid(String(part)))) {
    throw invalidOffset(text, 'bad place in the collection');
  }
  return place.map(String);
}

/**
 * `a,b` asks for entities with both tags, `a/b` for those with either.
 *
 * @throws AdminError (invalid options)
 */
export function readTags(query: URLSearchParams): TagFilter | undefined {
  const text = query.get('tags');
  if (text === null) return undefined;
  if (text === '') throw invalidOption('tags', 'cannot be null');
  const isAnyEnough = !AND_TAGS.test(text);
  if (isAnyEnough && !OR_TAGS.test(text)) throw invalidOption('tags', 'invalid filter syntax');
  const tags = text.split(isAnyEnough ? '/' : ',');
  if (tags.length > MOST_TAGS) throw invalidOption('tags', `cannot query more than ${MOST_TAGS} tags`);
  return { tags, isAnyEnough };
}

export interface PageAnswer {
  readonly data: readonly unknown[];
  readonly next: string | null;
  readonly offset?: string;
}

/** Escapes everything but letters, digits and `-._~`. */
const escapeAll = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The page as Kong answers it.
 *
 * @param query where `next` keeps the tags and the size of this request
 */
export function pageAnswer(
  data: readonly unknown[],
  path: string,
  offset: string | undefined,
  query: URLSearchParams | undefined,
): PageAnswer {
  if (offset === undefined) return { data, next: null };
  const [tags, size] = [query?.get('tags') ?? null, query?.get('size') ?? null];
  const filters = `${tags === null ? '' : `&tags=${escapeAll(tags)}`}${size === null ? '' : `&size=${size}`}`;
  return { data, next: `${path.replace(/\/+$/, '')}?offset=${escapeAll(offset)}${filters}`, offset };
}
