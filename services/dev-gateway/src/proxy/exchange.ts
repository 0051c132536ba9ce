import type { Consumer, Route, Service } from '../model/entities.ts';
import type { HeaderList } from './header-list.ts';

/** The credential that a request was authenticated with. */
export interface Credential {
  readonly id: string;
  readonly consumerId: string | undefined;
}

export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly sni: string | undefined;
}

/** Gets each piece of a body, and undefined at its end; a body that breaks off has none. */
export type BodyTap = (chunk: Buffer | undefined) => void;

/** Who produced the response: a service, or the gateway itself. */
export type ResponseSource = 'service' | 'gateway';

/** One attempt to reach an address. */
export interface Try {
  readonly ip: string;
  readonly port: number;
  readonly startedAtMs: number;
  /** How long choosing the address took. */
  readonly balancerLatencyMs: number;
  failedWith: number | undefined;
}

export interface ResponseFacts {
  status: number;
  headers: HeaderList;
  source: ResponseSource;
  /** Bytes sent to the client, head and body. */
  sizeBytes: number;
}

/** How long the parts of an exchange took, in milliseconds; -1 where a part did not happen. */
export interface Latencies {
  /** Until the request was handed to an upstream, or answered by the gateway. */
  gatewayMs: number;
  /** Until the upstream's response head. */
  upstreamMs: number;
  /** From the upstream's response head to its end. */
  receiveMs: number;
  totalMs: number;
}

export interface ExchangeInput {
  readonly id: string;
  readonly startedAtMs: number;
  readonly startedTick: number;
  readonly method: string;
  readonly httpVersion: string;
  readonly scheme: 'http' | 'https';
  readonly requestTarget: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly host: string;
  readonly hostHeader: string;
  readonly listenerPort: number;
  readonly localIp: string;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly clientIp: string;
  readonly tls: TlsFacts | undefined;
  readonly headers: HeaderList;
}

/** Everything about one request on its way: what came in, what the plugins made of it, what went out. */
export class Exchange {
  readonly id: string;
  /** Since the epoch. */
  readonly startedAtMs: number;
  /** Monotonic. */
  readonly startedTick: number;
  readonly method: string;
  readonly httpVersion: string;
  readonly scheme: 'http' | 'https';
  /** Path and query as the client sent them. */
  readonly requestTarget: string;
  /** Normalised. */
  readonly path: string;
  /** Lower case, without port. */
  readonly host: string;
  readonly hostHeader: string;
  readonly listenerPort: number;
  readonly localIp: string;
  /** The peer of the connection. */
  readonly remoteIp: string;
  readonly remotePort: number;
  /** The client behind trusted proxies, else the peer. */
  readonly clientIp: string;
  readonly tls: TlsFacts | undefined;
  /** The request's headers; plugins change them. */
  readonly headers: HeaderList;

  /** What the upstream is asked with; plugins may change method, path and query. */
  upstreamMethod: string;
  upstreamPath = '';
  /** Without `?`; undefined when there was none. */
  query: string | undefined;
  upstreamUri = '';
  upstreamStatus: number | undefined;

  route: Route | undefined;
  service: Service | undefined;
  matchedPath: string | undefined;
  captures: Readonly<Record<string, string>> | undefined;
  consumer: Consumer | undefined;
  credential: Credential | undefined;

  readonly tries: Try[] = [];
  response: ResponseFacts | undefined;
  requestBodyBytes = 0;
  readonly latencies: Latencies = { gatewayMs: -1, upstreamMs: -1, receiveMs: -1, totalMs: -1 };
  /** Fields that plugins add to the log record, by name. */
  readonly logFields = new Map<string, string>();
  /** Reads the whole body of the request; undefined when it is too large for that. */
  readBody: () => Promise<Buffer | undefined> = () => Promise.resolve(Buffer.alloc(0));
  /** What goes to the upstream in place of the body that came in. */
  newBody: Buffer | undefined;
  responseBodyRewrite: ((body: Buffer) => Buffer) | undefined;
  readonly #bodyTaps: BodyTap[] = [];
  #maxRequestBodyBytes = Number.POSITIVE_INFINITY;
  readonly #notes = new Map<string, unknown>();
  readonly #requestLineBytes: number;

  constructor(input: ExchangeInput) {
    this.id = input.id;
    this.startedAtMs = input.startedAtMs;
    this.startedTick = input.startedTick;
    this.method = input.method;
    this.httpVersion = input.httpVersion;
    this.scheme = input.scheme;
    this.requestTarget = input.requestTarget;
    this.path = input.path;
    this.query = input.query;
    this.host = input.host;
    this.hostHeader = input.hostHeader;
    this.listenerPort = input.listenerPort;
    this.localIp = input.localIp;
    this.remoteIp = input.remoteIp;
    this.remotePort = input.remotePort;
    this.clientIp = input.clientIp;
    this.tls = input.tls;
    this.headers = input.headers;
    this.upstreamMethod = input.method;
    const requestLine = input.method.length + input.requestTarget.length + ' HTTP/1.1\r\n'.length + 1;
    this.#requestLineBytes = requestLine + input.headers.byteLength() + 2;
  }

  /** The request's size as it came in: line, headers, body. */
  get requestBytes(): number {
    return this.#requestLineBytes + this.requestBodyBytes;
  }

  /** A body that states no length is cut off with 413 when it grows beyond this; the smallest of several limits holds. */
  get maxRequestBodyBytes(): number {
    return this.#maxRequestBodyBytes;
  }

  limitRequestBody(maxBytes: number): void {
    this.#maxRequestBodyBytes = Math.min(this.#maxRequestBodyBytes, maxBytes);
  }

  /** Lets a plugin see the body of the response on its way to the client. */
  tapResponseBody(tap: BodyTap): void {
    this.#bodyTaps.push(tap);
  }

  /** Has the body of the response changed as a whole; changes follow one another. */
  rewriteResponseBody(rewrite: (body: Buffer) => Buffer): void {
    const earlier = this.responseBodyRewrite;
    this.responseBodyRewrite = earlier === undefined ? rewrite : (body) => rewrite(earlier(body));
  }

  passResponseBody(chunk: Buffer | undefined): void {
    for (const tap of this.#bodyTaps) tap(chunk);
  }

  /** What a plugin noted in one phase for a later one, by the plugin's id. */
  note<T>(key: string): T | undefined {
    return this.#notes.get(key) as T | undefined;
  }

  setNote(key: string, value: unknown): void {
    this.#notes.set(key, value);
  }
}
