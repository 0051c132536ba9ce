import { type AttemptOutcome, attempt, type Failure } from './attempt.ts';
import { AddressChooser, type Choice, type ChosenAddress, describeChoice } from './choose-address.ts';
import type { Exchange, Try } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import type { HeaderList } from './header-list.ts';
import { errorPage, messageReply, type Reply, statusMessage } from './reply.ts';
import type { RequestBody } from './request-body.ts';
import { type RespondInput, sendReply, sendUpstreamHead } from './respond.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** Methods whose second sending could do something twice. */
const NOT_REPEATABLE: ReadonlySet<string> = new Set(['POST', 'LOCK', 'PATCH']);

const statusOf = ({ cause }: Failure): number => {
  if (cause === 'timeout' || cause === 'connect-timeout') return 504;
  return cause === 'body-too-large' ? 413 : 502;
};

/** Whether another try may follow: always when nothing was sent; else only where repeating is harmless and possible. */
const mayRetry = (failure: Failure, method: string, body: RequestBody): boolean => {
  if (failure.cause === 'client-gone' || failure.cause === 'body-too-large' || failure.cause === 'invalid')
    return false;
  if (!body.canBeSentAgain()) return false;
  return !failure.wasSent || !NOT_REPEATABLE.has(method);
};

/** Refusal because there is no address to try. */
export const noAddressReply = (exchange: Exchange, kind: Exclude<Choice['kind'], 'chosen'>): Reply =>
  messageReply({
    status: 503,
    message: kind === 'no-peer' ? 'failure to get a peer from the ring-balancer' : 'name resolution failed',
    requestId: exchange.id,
    accept: exchange.headers.get('accept'),
  });

/** The page for a request whose tries have all failed. */
export const failurePage = (exchange: Exchange, status: number): Reply => {
  const input = { status, requestId: exchange.id, accept: exchange.headers.get('accept') };
  // A body that outgrew its limit while it streamed is refused in the words of the plugin that set the limit.
  if (status === 413) return messageReply({ ...input, message: 'Request size limit exceeded' });
  return errorPage({ ...input, message: statusMessage(status) });
};

/** Tells the passive health checks how a try ended. */
export const observeFailure = ({ balanced }: ChosenAddress, failure: Failure): void => {
  if (!balanced || failure.cause === 'client-gone' || failure.cause === 'body-too-large') return;
  const isTimeout = failure.cause === 'timeout' || failure.cause === 'connect-timeout';
  balanced.balancer.observePassively(balanced.address, isTimeout ? 'timeout' : 'tcp-failure');
};

/** Notes a try, and that the gateway's own part ends with the first. */
export const startTry = (exchange: Exchange, chosen: ChosenAddress, chooseStartedTick: number): Try => {
  const nowTick = performance.now();
  if (exchange.latencies.gatewayMs < 0) exchange.latencies.gatewayMs = nowTick - exchange.startedTick;
  const started: Try = {
    ip: chosen.destination.ip,
    port: chosen.destination.port,
    startedAtMs: exchange.startedAtMs + (nowTick - exchange.startedTick),
    balancerLatencyMs: nowTick - chooseStartedTick,
    failedWith: undefined,
  };
  exchange.tries.push(started);
  return started;
};

export const headersFor = (gateway: Gateway, exchange: Exchange, chosen: ChosenAddress): HeaderList =>
  upstreamHeaders({
    exchange,
    host: chosen.host,
    isTrustedPeer: gateway.addresses.isTrusted(exchange.remoteIp),
    viaName: gateway.name,
  });

const tryOnce = async (
  input: RespondInput,
  chosen: ChosenAddress,
  body: RequestBody,
): Promise<AttemptOutcome> => {
  const { gateway, exchange, writer } = input;
  const sentTick = performance.now();
  const { balanced } = chosen;
  if (balanced) balanced.address.activeRequests += 1;
  try {
    return await attempt({
      pool: gateway.pools.get(chosen.destination),
      method: exchange.upstreamMethod,
      uri: exchange.upstreamUri,
      headers: headersFor(gateway, exchange, chosen),
      body,
      readTimeoutMs: exchange.service?.read_timeout ?? 60_000,
      writer,
      onHead: (status, headers) => {
        exchange.latencies.upstreamMs = performance.now() - sentTick;
        exchange.upstreamStatus = status;
        balanced?.address.observeLatency(exchange.latencies.upstreamMs);
        balanced?.balancer.observeStatus(balanced.address, status);
        sendUpstreamHead(input, status, headers);
      },
    });
  } finally {
    if (balanced) balanced.address.activeRequests -= 1;
  }
};

/** Sends a request to its service: up to `retries` further tries, each at the next address of the balancer. */
export const forward = async (input: RespondInput, body: RequestBody): Promise<void> => {
  const { gateway, exchange, writer } = input;
  const { service } = exchange;
  if (!service) return;
  const chooser = new AddressChooser(gateway, exchange, service);
  for (let triesLeft = service.retries; ; triesLeft -= 1) {
    const chooseStartedTick = performance.now();
    const choosing = chooser.choose();
    const choice = choosing instanceof Promise ? await choosing : choosing;
    if (choice.kind !== 'chosen') {
      const isFirst = exchange.tries.length === 0;
      sendReply(
        input,
        isFirst ? noAddressReply(exchange, choice.kind) : failurePage(exchange, 503),
        !isFirst,
      );
      return;
    }
    const { chosen } = choice;
    const started = startTry(exchange, chosen, chooseStartedTick);
    const outcome = await tryOnce(input, chosen, body);
    if (outcome.kind === 'done') return;
    const { failure } = outcome;
    started.failedWith = statusOf(failure);
    observeFailure(chosen, failure);
    const where = {
      service: service.name ?? service.id,
      address: describeChoice(chosen),
      requestId: exchange.id,
    };
    if (failure.cause !== 'client-gone')
      gateway.log.warn(`upstream ${failure.cause}: ${failure.message}`, where);
    if (outcome.kind === 'broken-off') {
      writer.abort();
      return;
    }
    if (triesLeft <= 0 || !mayRetry(failure, exchange.upstreamMethod, body)) {
      exchange.upstreamStatus = failure.cause === 'body-too-large' ? undefined : statusOf(failure);
      if (failure.cause !== 'client-gone') sendReply(input, failurePage(exchange, statusOf(failure)), true);
      return;
    }
  }
};
