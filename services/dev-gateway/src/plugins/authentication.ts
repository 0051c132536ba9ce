/** What the plugins that find out who a request is from have in common. */
import type { Consumer } from '../model/entities.ts';
import type { Exchange } from '../proxy/exchange.ts';
import { messageReply, type Reply } from '../proxy/reply.ts';
import { setIdentity } from './consumer-headers.ts';
import type { PluginWorld } from './phases.ts';

/** A refused request goes on as the anonymous consumer where one is configured; undefined says that it did. */
export function refuseOrGoOnAnonymous(
  world: PluginWorld,
  exchange: Exchange,
  anonymous: string | undefined,
  refuse: () => Reply,
): Reply | undefined {
  if (anonymous === undefined) return refuse();
  const stranger = world.directory().consumer(anonymous);
  if (stranger === undefined) {
    return messageReply({
      status: 500,
      message: 'An unexpected error occurred',
      requestId: exchange.id,
      accept: exchange.headers.get('accept'),
    });
  }
  setIdentity(exchange, { consumer: stranger, credential: undefined });
  return undefined;
}

/** The 401 with its challenge, unless the request goes on as the anonymous consumer. */
export const challengeOrGoOnAnonymous = (
  world: PluginWorld,
  exchange: Exchange,
  anonymous: string | undefined,
  refusal: { readonly message: string; readonly challenge: string },
): Reply | undefined =>
  refuseOrGoOnAnonymous(world, exchange, anonymous, () =>
    messageReply({
      status: 401,
      message: refusal.message,
      requestId: exchange.id,
      accept: exchange.headers.get('accept'),
      headers: { 'WWW-Authenticate': refusal.challenge },
    }),
  );

/** Another authentication plugin may already have let the request in; with an anonymous consumer one is enough. */
export const isKnownAlready = (exchange: Exchange, anonymous: string | undefined): boolean =>
  anonymous !== undefined && exchange.credential !== undefined;

/** Takes the request for one of the credential's owner. */
export function acceptCredential(
  world: PluginWorld,
  exchange: Exchange,
  credential: { readonly id: string; readonly consumer: Pick<Consumer, 'id'> },
  identifier: string,
): void {
  setIdentity(exchange, {
    consumer: world.directory().consumer(credential.consumer.id),
    credential: { id: credential.id, consumerId: credential.consumer.id },
    credentialIdentifier: identifier,
  });
}
