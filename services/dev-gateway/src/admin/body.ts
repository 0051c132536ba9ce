import { badRequest } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { parseForm } from './form.ts';
import { parseMultipart } from './multipart.ts';

export interface ParsedBody {
  readonly body: PlainRecord;
  readonly isForm: boolean;
}

/** A content type that the Admin API does not read; the answer is an HTML page, as it comes from Kong's web server. */
export class UnsupportedMediaTypeError extends Error {
  override readonly name = 'UnsupportedMediaTypeError';
}

export const NO_BODY: ParsedBody = { body: {}, isForm: false };

function parseJson(text: string): ParsedBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('Cannot parse JSON body');
  }
  // An empty list is an empty table.
  if (Array.isArray(value) && value.length === 0) return NO_BODY;
  if (!isPlainRecord(value)) throw badRequest('Cannot parse JSON body');
  return { body: value, isForm: false };
}

/**
 * Reads the body of a request by its content type: JSON, a form, or a form in parts.
 *
 * @throws UnsupportedMediaTypeError for any other type
 * @throws AdminError when the text is not what the type says
 */
export function parseBody(contentType: string | undefined, bytes: Buffer): ParsedBody {
  if (contentType === undefined && bytes.length === 0) return NO_BODY;
  const text = bytes.toString('utf8');
  const type = contentType ?? '';
  if (type.startsWith('application/json')) return parseJson(text);
  if (type.startsWith('application/x-www-form-urlencoded')) return { body: parseForm(text), isForm: true };
  if (type.startsWith('multipart/form-data')) {
    return { body: parseMultipart(contentType ?? '', text), isForm: true };
  }
  throw new UnsupportedMediaTypeError();
}
