import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Exchange, ResponseSource } from './exchange.ts';
import type { HeaderList } from './header-list.ts';
import type { Reply } from './reply.ts';

/** A response as either HTTP server hands it over. */
export type ClientResponse = ServerResponse | Http2ServerResponse;

const isHttp2 = (response: ClientResponse): response is Http2ServerResponse => 'stream' in response;

const STATUS_LINE_BYTES = 'HTTP/1.1 200 OK\r\n\r\n'.length;

/** Sends the response of one exchange to the client, and keeps in the exchange what was sent. */
export class ResponseWriter {
  readonly #response: ClientResponse;
  readonly #exchange: Exchange;
  readonly #closesConnection: () => boolean;
  #hasBodyStarted = false;
  /** The body so far, where it is sent only when it is whole. */
  #held: Buffer[] = [];

  constructor(response: ClientResponse, exchange: Exchange, closesConnection: () => boolean) {
    this.#response = response;
    this.#exchange = exchange;
    this.#closesConnection = closesConnection;
  }

  get hasHead(): boolean {
    return this.#exchange.response !== undefined;
  }

  /** The client is still there to be written to. */
  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  get isClosed(): boolean {
    return this.#response.closed || this.#response.destroyed;
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  onClose(listener: () => void): void {
    this.#response.on('close', listener);
  }

  writeHead(status: number, headers: HeaderList, source: ResponseSource): void {
    const response = this.#response;
    if (!headers.has('date')) headers.set('Date', httpDate());
    if (isHttp2(response)) {
      response.sendDate = false;
      response.writeHead(status, headers.toRecord());
    } else {
      const staysOpen = response.shouldKeepAlive && !this.#closesConnection();
      headers.set('Connection', staysOpen ? 'keep-alive' : 'close');
      response.sendDate = false;
      response.writeHead(status, headers.toFlat());
    }
    const sizeBytes = STATUS_LINE_BYTES + headers.byteLength();
    this.#exchange.response = { status, headers, source, sizeBytes };
    // A head whose body is slow to come must not wait for it; one whose body is here goes out together with it.
    process.nextTick(() => {
      if (!this.#hasBodyStarted && this.isOpen && !isHttp2(response)) response.flushHeaders();
    });
  }

  /** Answers false when the client is slower than the upstream and the upstream should pause. */
  write(chunk: Buffer): boolean {
    if (this.#exchange.responseBodyRewrite === undefined) return this.#send(chunk);
    this.#held.push(chunk);
    return true;
  }

  #send(chunk: Buffer): boolean {
    this.#hasBodyStarted = true;
    if (this.#exchange.response) this.#exchange.response.sizeBytes += chunk.length;
    this.#exchange.passResponseBody(chunk);
    // The two servers' `write` have the same meaning but types that do not unite.
    return (this.#response as ServerResponse).write(chunk);
  }

  end(): void {
    const rewrite = this.#exchange.responseBodyRewrite;
    if (rewrite !== undefined && this.#exchange.method !== 'HEAD')
      this.#send(rewrite(Buffer.concat(this.#held)));
    this.#held = [];
    this.#hasBodyStarted = true;
    this.#exchange.passResponseBody(undefined);
    this.#response.end();
  }

  sendReply(reply: Reply, headers: HeaderList): void {
    this.writeHead(reply.status, headers, 'gateway');
    if (this.#exchange.method === 'HEAD' || reply.body.length === 0) this.end();
    else {
      this.write(reply.body);
      this.end();
    }
  }

  /** Breaks a response off, so that the client cannot take what it has for the whole. */
  abort(): void {
    if (isHttp2(this.#response)) this.#response.stream.close();
    else this.#response.destroy();
  }
}

let dateSecond = 0;
let dateText = '';

/** The date is the same for all responses of a second. */
const httpDate = (): string => {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
};
