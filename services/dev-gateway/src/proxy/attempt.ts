import { type Dispatcher, errors, type Pool } from 'undici';
import { HeaderList } from './header-list.ts';
import { BodyTooLargeError, ClientGoneError, type RequestBody } from './request-body.ts';
import type { ResponseWriter } from './response-writer.ts';

export interface AttemptInput {
  readonly pool: Pool;
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly headers: HeaderList;
  readonly body: RequestBody;
  readonly readTimeoutMs: number;
  readonly writer: ResponseWriter;
  /** Runs the header filters and writes the head to the client. */
  readonly onHead: (status: number, headers: HeaderList) => void;
}

/** `connect`: no connection; `timeout`: no answer in time; `broken`: the connection ended; `invalid`: not HTTP. */
export type FailureCause =
  | 'connect'
  | 'connect-timeout'
  | 'timeout'
  | 'broken'
  | 'invalid'
  | 'body-too-large'
  | 'client-gone';

export interface Failure {
  readonly cause: FailureCause;
  /** Whether the request may have reached the upstream. */
  readonly wasSent: boolean;
  readonly message: string;
}

/** `broken-off`: the head was passed on, but the body ended early. */
export type AttemptOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'broken-off'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure };

const causeOf = (error: Error, wasSent: boolean): FailureCause => {
  if (error instanceof BodyTooLargeError) return 'body-too-large';
  if (error instanceof ClientGoneError) return 'client-gone';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (code === 'ETIMEDOUT') return wasSent ? 'timeout' : 'connect-timeout';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout';
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') return 'invalid';
  return wasSent ? 'broken' : 'connect';
};

const headersOf = (raw: Dispatcher.DispatchController['rawHeaders']): HeaderList =>
  HeaderList.fromFlat(
    Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : [],
  );

/** Asks one address once, and passes its response on while it comes, no faster than the client takes it. Never rejects. */
export const attempt = (input: AttemptInput): Promise<AttemptOutcome> =>
  new Promise((resolve) => {
    const { writer } = input;
    let controller: Dispatcher.DispatchController | undefined;
    let isClientGone = false;
    let isSettled = false;
    const settle = (outcome: AttemptOutcome): void => {
      if (isSettled) return;
      isSettled = true;
      resolve(outcome);
    };
    const failed = (error: Error): void => {
      const wasSent = controller !== undefined;
      const cause = isClientGone ? 'client-gone' : causeOf(error, wasSent);
      const failure = { cause, wasSent, message: error.message };
      settle(writer.hasHead ? { kind: 'broken-off', failure } : { kind: 'failed', failure });
    };
    writer.onClose(() => {
      if (isSettled) return;
      isClientGone = true;
      controller?.abort(new ClientGoneError('the client ended the connection'));
      if (!controller) failed(new ClientGoneError('the client ended the connection'));
    });
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: (started) => {
        controller = started;
        if (isClientGone) started.abort(new ClientGoneError('the client ended the connection'));
      },
      onResponseStart: (started, status) => {
        // Interim responses are the connection's own business.
        if (status < 200) return;
        input.onHead(status, headersOf(started.rawHeaders));
        writer.onDrain(() => started.resume());
      },
      onResponseData: (started, chunk) => {
        if (!writer.isOpen) return;
        if (!writer.write(chunk)) started.pause();
      },
      onResponseEnd: () => {
        writer.end();
        settle({ kind: 'done' });
      },
      onResponseError: (_started, error) => failed(error),
    };
    try {
      input.pool.dispatch(
        {
          path: input.uri,
          method: input.method,
          headers: input.headers.toFlat(),
          body: input.body.take(),
          headersTimeout: input.readTimeoutMs,
          bodyTimeout: input.readTimeoutMs,
        },
        handler,
      );
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  });
