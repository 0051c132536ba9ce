/** A request's bytes -> text, within limits that hold before anything is allocated. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HttpProblem } from '../http/problem.ts';

const gunzipAsync = promisify(gunzip);

/**
 * Undoes the content encoding.
 * @param maxBytes what the text may take once unpacked
 * @throws HttpProblem 400, 413, 415
 */
export async function decodeBody(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<string> {
  return (await unpack(body, encoding?.trim().toLowerCase() ?? 'identity', maxBytes)).toString('utf8');
}

async function unpack(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
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

/** How a body of this content type is to be read; without one it is lines. @throws HttpProblem 415 */
export function bodyFormat(contentType: string | undefined): 'json' | 'lines' {
  if (contentType === undefined) return 'lines';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (LINE_TYPES.has(type)) return 'lines';
  throw new HttpProblem(415, 'UNKNOWN_TYPE', `content-type "${type.slice(0, 80)}" is not supported`, {
    hint: 'Send application/json or application/x-ndjson.',
  });
}
