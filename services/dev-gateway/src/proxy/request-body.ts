import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { Transform, type TransformCallback } from 'node:stream';
import type { Exchange } from './exchange.ts';

/** A request as either HTTP server hands it over. */
export type ClientRequest = IncomingMessage | Http2ServerRequest;

export class BodyTooLargeError extends Error {}
export class ClientGoneError extends Error {}

/** What goes to the upstream as body, and whether it can be sent a second time. */
export interface RequestBody {
  /** Null when there is none. */
  take(): Buffer | Transform | null;
  canBeSentAgain(): boolean;
}

/** Bodies up to this size are read before the upstream is asked, so that a failed try can be repeated with them. */
const BUFFERED_BYTES = 64 * 1024;

const NO_BODY: RequestBody = { take: () => null, canBeSentAgain: () => true };

const isHttp2 = (request: ClientRequest): request is Http2ServerRequest => 'stream' in request;

const hasBody = (request: ClientRequest): boolean =>
  isHttp2(request)
    ? !request.stream.endAfterHeaders
    : request.headers['transfer-encoding'] !== undefined ||
      Number(request.headers['content-length'] ?? 0) > 0;

const readAll = (request: ClientRequest, exchange: Exchange): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      exchange.requestBodyBytes += chunk.length;
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () =>
      reject(new ClientGoneError('the client ended the connection within its request')),
    );
    request.on('close', () =>
      reject(new ClientGoneError('the client ended the connection within its request')),
    );
  });

/** Streams a body through, counting it and cutting it off when it is larger than a plugin allows. */
const streamBody = (request: ClientRequest, exchange: Exchange): RequestBody => {
  let isTaken = false;
  return {
    canBeSentAgain: () => !isTaken,
    take: () => {
      isTaken = true;
      const counted = new Transform({
        transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
          exchange.requestBodyBytes += chunk.length;
          if (exchange.requestBodyBytes > exchange.maxRequestBodyBytes) done(new BodyTooLargeError());
          else done(null, chunk);
        },
      });
      // Not `pipeline`: it would destroy the client's connection together with the body, and no reply could be sent.
      request.pipe(counted);
      counted.on('error', () => request.unpipe(counted));
      counted.on('close', () => request.unpipe(counted));
      request.on('close', () => {
        if (!request.readableEnded) counted.destroy(new ClientGoneError('the client ended the connection'));
      });
      request.on('error', () => counted.destroy(new ClientGoneError('the client ended the connection')));
      return counted;
    },
  };
};

const isSmall = (request: ClientRequest): boolean =>
  Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= BUFFERED_BYTES;

/** Lets plugins read small bodies of known length; others are not held in memory. */
export const letBodyBeRead = (request: ClientRequest, exchange: Exchange): void => {
  let whole: Promise<Buffer | undefined> | undefined;
  exchange.readBody = () => {
    if (!hasBody(request)) return Promise.resolve(Buffer.alloc(0));
    whole ??= isSmall(request) ? readAll(request, exchange) : Promise.resolve(undefined);
    return whole;
  };
};

const buffered = (bytes: Buffer): RequestBody => ({ take: () => bytes, canBeSentAgain: () => true });

/**
 * Prepares the body of a request. Small ones of known length are read first when the route buffers requests; all others
 * stream. @throws ClientGoneError when the client ends the connection while a small body is read
 */
export const openRequestBody = async (request: ClientRequest, exchange: Exchange): Promise<RequestBody> => {
  if (exchange.newBody !== undefined) {
    exchange.headers.set('content-length', String(exchange.newBody.length));
    return buffered(exchange.newBody);
  }
  if (!hasBody(request)) return NO_BODY;
  const isRead = request.readableDidRead;
  if (!isRead && (exchange.route?.request_buffering === false || !isSmall(request)))
    return streamBody(request, exchange);
  const bytes = await exchange.readBody();
  return bytes === undefined ? streamBody(request, exchange) : buffered(bytes);
};
