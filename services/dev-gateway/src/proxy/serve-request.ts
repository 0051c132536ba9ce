import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionCounter } from './connection-counter.ts';
import { forward } from './forward.ts';
import type { Gateway } from './gateway.ts';
import { answerUnexpected, prepare } from './handle-request.ts';
import { asksForWebSocket } from './hop-by-hop.ts';
import { openExchange } from './open-exchange.ts';
import { errorPage, statusMessage } from './reply.ts';
import { ClientGoneError, letBodyBeRead, openRequestBody } from './request-body.ts';
import { newRequestId } from './request-id.ts';
import { sendReply } from './respond.ts';
import { ResponseWriter } from './response-writer.ts';
import { forwardUpgrade } from './upgrade.ts';

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

/** What is left of a body that nobody reads is thrown away for this long, so that the client gets to read its response. */
const LINGER_MS = 5_000;

/** Methods that are the gateway's own business and never proxied. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(['TRACE', 'CONNECT']);

const lingerUntilRead = (request: AnyRequest): void => {
  if (request.readableEnded || request.destroyed) return;
  request.resume();
  const { socket } = request;
  const timer = setTimeout(() => {
    if (!request.readableEnded) socket.destroy();
  }, LINGER_MS);
  timer.unref();
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
};

/** The two servers' event handlers, bound to a gateway. */
export const requestHandlers = (gateway: Gateway, counter: ConnectionCounter) => {
  const serve = async (request: AnyRequest, response: AnyResponse): Promise<void> => {
    const exchange = openExchange(request, gateway.addresses);
    letBodyBeRead(request, exchange);
    const writer = new ResponseWriter(response, exchange, gateway.isDraining);
    try {
      if (REFUSED_METHODS.has(exchange.method)) {
        const page = { status: 405, message: statusMessage(405), requestId: exchange.id, accept: undefined };
        sendReply({ gateway, exchange, writer, handlers: [] }, errorPage(page));
        return;
      }
      const input = await prepare(gateway, exchange, writer);
      if (!input) return;
      await forward(input, await openRequestBody(request, exchange));
    } catch (error) {
      if (!(error instanceof ClientGoneError)) answerUnexpected(gateway, exchange, writer, error);
    }
  };

  const onRequest = (request: AnyRequest, response: AnyResponse): void => {
    counter.startRequest();
    // A broken connection shows itself to whoever reads the body and in the response's `close`.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.once('close', () => {
      counter.endRequest();
      lingerUntilRead(request);
    });
    void serve(request, response);
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    counter.startRequest();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => counter.endRequest());
    // The tunnel has its own ideas of silence.
    if ('setTimeout' in socket) (socket as Socket).setTimeout(0);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end());
    // The server no longer looks after this connection, so the response does not learn of its end by itself.
    socket.once('close', () => response.emit('close'));
    void serveUpgrade(request, response, { socket, head });
  };

  const serveUpgrade = async (
    request: IncomingMessage,
    response: ServerResponse,
    client: { socket: Duplex; head: Buffer },
  ): Promise<void> => {
    const exchange = openExchange(request, gateway.addresses);
    const writer = new ResponseWriter(response, exchange, () => true);
    try {
      const input = await prepare(gateway, exchange, writer);
      if (!input) return;
      if (asksForWebSocket(exchange.headers)) {
        await forwardUpgrade(input, client);
        return;
      }
      // Other protocols are not switched to; the request is answered as if it had not asked.
      await forward(input, { take: () => null, canBeSentAgain: () => true });
    } catch (error) {
      answerUnexpected(gateway, exchange, writer, error);
    }
  };

  const onMalformed = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
    const requestId = newRequestId();
    const page = errorPage({ status, message: statusMessage(status), requestId, accept: undefined });
    const head = [
      `HTTP/1.1 ${status} ${statusMessage(status)}`,
      `Date: ${new Date().toUTCString()}`,
      `Content-Type: ${page.headers.get('content-type')}`,
      `Content-Length: ${page.body.length}`,
      'Connection: close',
      `Server: ${gateway.name}`,
      `X-Kong-Request-Id: ${requestId}`,
    ];
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), page.body]));
  };

  return { onRequest, onUpgrade, onMalformed };
};
