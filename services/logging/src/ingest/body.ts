/** A request's bytes -> what was sent, within limits that hold before anything is allocated. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HttpProblem } from '../http/problem.ts';

const gunzipAsync = promisify(gunzip);

/**
 * Undoes the content encoding.
 * @param maxBytes what it may take once unpacked
 * @throws HttpProblem 400, 413, 415
 */
export async function unpackBody(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new HttpProblem(
      415,
      'UNKNOWN_ENCODING',
      `content-encoding "${encoding.slice(0, 40)}" is not supported`,
      {
        hint: 'Send gzip or no encoding.',
      },
    );
  }
  try {
    return await gunzipAsync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new HttpProblem(413, 'BODY_TOO_LARGE', `the unpacked body is larger than ${maxBytes} bytes`);
    }
    throw new HttpProblem(400, 'BAD_GZIP', 'the body is not valid gzip');
  }
}

const LINE_TYPES = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'text/plain',
]);

export type BodyFormat = 'json' | 'lines' | 'protobuf';

/** How a body of this content type is to be read; without one it is lines. @throws HttpProblem 415 */
export function bodyFormat(contentType: string | undefined): BodyFormat {
  if (contentType === undefined) return 'lines';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (LINE_TYPES.has(type)) return 'lines';
  if (type === 'application/x-protobuf') return 'protobuf';
  throw unknownType(type);
}

export function unknownType(type: string): HttpProblem {
  return new HttpProblem(415, 'UNKNOWN_TYPE', `content-type "${type.slice(0, 80)}" is not supported here`, {
    hint: 'Send application/json or application/x-ndjson.',
  });
}

/** Bytes that are no UTF-8 become replacement characters; a byte order mark is not part of the text. */
export function textOfBody(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
