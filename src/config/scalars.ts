import * as z from 'zod';

/** Single values that occur in several sections. */

export const duration = z
  .string()
  .regex(/^[1-9]\d*(s|m|h|d|w)$/, 'must be a whole number with s, m, h, d or w, as "15d"');
