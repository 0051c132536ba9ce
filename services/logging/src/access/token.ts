/** The administration token: comparing it tells nothing about it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../config/secret.ts';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares digests of equal length, so neither the length nor the first wrong character shows in the time. */
export function tokenMatches(given: string, token: Secret): boolean {
  return timingSafeEqual(digest(given), digest(token.reveal())) && given !== '';
}

/** The token of an `Authorization: Bearer` header; undefined when there is no such header. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '';
}
