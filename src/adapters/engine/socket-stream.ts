import { ChunkedBody } from './chunked-body.ts';
import { SizedBody } from './sized-body.ts';
import { socketReads } from './socket-reads.ts';

/** More than any engine sends before the first line of a log. */
const HEAD_BYTES = 64 * 1024;

/**
 * Asks the engine behind a local socket and gives the body of its answer as it comes. The engine sends each line of a log
 * as a chunk of its own, and Node's HTTP client needs longer for 100,000 chunks than the engine for 100,000 lines;
 * here all chunks that came with one read are one piece.
 * @throws Error with `statusCode` and the engine's message for every status but 200, as dockerode does, and with
 *   `code` ECONNRESET where the connection ends before the body is whole.
 */
export async function* socketStream(
  socketPath: string,
  path: string,
  { signal, onHead }: SocketOptions = {},
): AsyncIterable<Buffer> {
  const request = `GET ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n`;
  let received: Buffer = Buffer.alloc(0);
  let head: Head | undefined;
  let refusal = '';
  for await (const bytes of socketReads(socketPath, request, signal)) {
    let rest = bytes;
    if (head === undefined) {
      received = Buffer.concat([received, bytes]);
      head = readHead(received);
      if (head === undefined) continue;
      rest = received.subarray(head.length);
      onHead?.(head);
    }
    const body = head.body === undefined ? rest : head.body.decode(rest);
    if (head.status !== 200) refusal += body.toString('utf8');
    else if (body.length > 0) yield body;
    if (head.body?.isWhole) break;
  }
  if (signal?.aborted) throw signal.reason;
  if (head === undefined || head.body?.isWhole === false) throw brokenOff();
  if (head.status !== 200) throw refused(head.status, refusal);
}

interface SocketOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told once, before the body. */
  readonly onHead?: (head: Head) => void;
}

export interface Head {
  readonly status: number;
  /** The value of a header, by its name in small letters. */
  readonly header: (name: string) => string | undefined;
  /** Bytes of status line and headers. */
  readonly length: number;
  /** Undefined where the body lasts until the connection ends. */
  readonly body: ChunkedBody | SizedBody | undefined;
}

function readHead(received: Buffer): Head | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) {
    if (received.length > HEAD_BYTES) throw brokenOff();
    return undefined;
  }
  const [statusLine = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0),
    header: (name) => headers.get(name),
    length: end + 4,
    body: bodyOf(headers),
  };
}

function bodyOf(headers: ReadonlyMap<string, string>): Head['body'] {
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return new ChunkedBody();
  const length = headers.get('content-length');
  return length === undefined ? undefined : new SizedBody(Number(length));
}

const brokenOff = () =>
  Object.assign(new Error('the connection ended before the answer was whole'), { code: 'ECONNRESET' });

function refused(statusCode: number, body: string): Error {
  let message = body.trim();
  try {
    message = String((JSON.parse(body) as { message?: unknown }).message ?? message);
  } catch {
    // Not the engine's JSON: its words as they are.
  }
  return Object.assign(new Error(message), { statusCode });
}
