import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Failure } from './attempt.ts';
import { AddressChooser, type ChosenAddress, describeChoice } from './choose-address.ts';
import { failurePage, headersFor, noAddressReply, observeFailure, startTry } from './forward.ts';
import { HeaderList } from './header-list.ts';
import { type RespondInput, sendReply, sendUpstreamHead } from './respond.ts';

/** The client's connection, taken over from the HTTP server. */
export interface ClientTunnel {
  readonly socket: Duplex;
  /** What came in behind the request's head. */
  readonly head: Buffer;
}

type UpgradeOutcome =
  | {
      readonly kind: 'upgraded';
      readonly response: IncomingMessage;
      readonly socket: Duplex;
      readonly head: Buffer;
    }
  | { readonly kind: 'answered'; readonly response: IncomingMessage }
  | { readonly kind: 'failed'; readonly failure: Failure };

const askForUpgrade = (input: RespondInput, chosen: ChosenAddress): Promise<UpgradeOutcome> =>
  new Promise((resolve) => {
    const { gateway, exchange, writer } = input;
    const { destination } = chosen;
    const headers = headersFor(gateway, exchange, chosen);
    headers.set('Connection', 'Upgrade');
    headers.set('Upgrade', exchange.headers.get('upgrade') ?? 'websocket');
    const options = {
      host: destination.ip,
      port: destination.port,
      method: exchange.upstreamMethod,
      path: exchange.upstreamUri,
      headers: headers.toFlat(),
      setHost: false,
      agent: false as const,
    };
    const request = destination.isTls
      ? httpsRequest({
          ...options,
          servername: destination.serverName,
          rejectUnauthorized: destination.verifiesTls,
          ...(destination.ca.length > 0 ? { ca: [...destination.ca] } : {}),
          ...(destination.clientCertificate ?? {}),
        })
      : httpRequest(options);
    let wasSent = false;
    const fail = (cause: Failure['cause'], message: string): void => {
      clearTimeout(timer);
      request.destroy();
      resolve({ kind: 'failed', failure: { cause, wasSent, message } });
    };
    let timer = setTimeout(
      () => fail('connect-timeout', 'no connection in time'),
      destination.connectTimeoutMs,
    );
    request.on('socket', (socket) =>
      socket.once(destination.isTls ? 'secureConnect' : 'connect', () => {
        wasSent = true;
        clearTimeout(timer);
        timer = setTimeout(
          () => fail('timeout', 'no answer in time'),
          exchange.service?.read_timeout ?? 60_000,
        );
      }),
    );
    request.on('upgrade', (response, socket, head) => {
      clearTimeout(timer);
      resolve({ kind: 'upgraded', response, socket, head });
    });
    request.on('response', (response) => {
      clearTimeout(timer);
      resolve({ kind: 'answered', response });
    });
    request.on('error', (error) => fail(wasSent ? 'broken' : 'connect', error.message));
    writer.onClose(() => request.destroy());
    request.end();
  });

/** Joins two connections until one of them ends; whatever ends one ends the other. */
const join = (client: Duplex, upstream: Duplex, count: (bytes: number) => void): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      resolve();
    };
    upstream.on('data', (chunk: Buffer) => count(chunk.length));
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of [client, upstream]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  });

const tunnel = async (
  input: RespondInput,
  client: ClientTunnel,
  outcome: Extract<UpgradeOutcome, { kind: 'upgraded' }>,
): Promise<void> => {
  const { exchange, gateway } = input;
  const status = outcome.response.statusCode ?? 101;
  const headers = HeaderList.fromFlat(outcome.response.rawHeaders);
  headers.set('X-Kong-Request-Id', exchange.id);
  headers.set('Via', [...headers.all('via'), `1.1 ${gateway.name}`].join(', '));
  for (const handler of input.handlers) handler.headerFilter?.(exchange, { status, headers });
  exchange.response = { status, headers, source: 'service', sizeBytes: headers.byteLength() };
  const lines = [`HTTP/1.1 ${status} ${outcome.response.statusMessage ?? 'Switching Protocols'}`];
  const flat = headers.toFlat();
  for (let index = 0; index < flat.length; index += 2) lines.push(`${flat[index]}: ${flat[index + 1]}`);
  client.socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (outcome.head.length > 0) client.socket.write(outcome.head);
  if (client.head.length > 0) outcome.socket.write(client.head);
  const { response } = exchange;
  await join(client.socket, outcome.socket, (bytes) => {
    response.sizeBytes += bytes;
  });
};

const passResponse = ({ writer, ...rest }: RespondInput, response: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    sendUpstreamHead(
      { writer, ...rest },
      response.statusCode ?? 502,
      HeaderList.fromFlat(response.rawHeaders),
    );
    writer.onDrain(() => response.resume());
    response.on('data', (chunk: Buffer) => {
      if (!writer.write(chunk)) response.pause();
    });
    response.on('end', () => {
      writer.end();
      resolve();
    });
    response.on('error', () => {
      writer.abort();
      resolve();
    });
  });

/** Forwards a WebSocket handshake and, when the upstream agrees, the connection behind it. */
export const forwardUpgrade = async (input: RespondInput, client: ClientTunnel): Promise<void> => {
  const { gateway, exchange } = input;
  const { service } = exchange;
  if (!service) return;
  const chooser = new AddressChooser(gateway, exchange, service);
  for (let triesLeft = service.retries; ; triesLeft -= 1) {
    const chooseStartedTick = performance.now();
    const choice = await chooser.choose();
    if (choice.kind !== 'chosen') {
      sendReply(input, noAddressReply(exchange, choice.kind));
      return;
    }
    const { chosen } = choice;
    const started = startTry(exchange, chosen, chooseStartedTick);
    const sentTick = performance.now();
    const outcome = await askForUpgrade(input, chosen);
    if (outcome.kind === 'failed') {
      const { failure } = outcome;
      const status = failure.cause === 'timeout' || failure.cause === 'connect-timeout' ? 504 : 502;
      started.failedWith = status;
      observeFailure(chosen, failure);
      gateway.log.warn(`upstream ${failure.cause}: ${failure.message}`, {
        service: service.name ?? service.id,
        address: describeChoice(chosen),
        requestId: exchange.id,
      });
      if (triesLeft > 0 && !input.writer.isClosed) continue;
      exchange.upstreamStatus = status;
      sendReply(input, failurePage(exchange, status), true);
      return;
    }
    exchange.latencies.upstreamMs = performance.now() - sentTick;
    exchange.upstreamStatus = outcome.response.statusCode;
    chosen.balanced?.balancer.observeStatus(chosen.balanced.address, outcome.response.statusCode ?? 0);
    if (outcome.kind === 'upgraded') await tunnel(input, client, outcome);
    else await passResponse(input, outcome.response);
    return;
  }
};
