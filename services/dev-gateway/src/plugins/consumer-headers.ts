import type { Consumer } from '../model/entities.ts';
import type { Credential, Exchange } from '../proxy/exchange.ts';

export interface Identity {
  readonly consumer: Consumer | undefined;
  /** Undefined for the anonymous consumer. */
  readonly credential: Credential | undefined;
  /** What the backend may know of the credential: its id, or the user name. */
  readonly credentialIdentifier?: string;
}

const setOrRemove = (exchange: Exchange, name: string, value: string | null | undefined): void => {
  if (value === null || value === undefined) exchange.headers.remove(name);
  else exchange.headers.set(name, value);
};

/**
 * Notes who the request is from and tells the service in headers. What the client itself sent under these names is
 * removed, as the service trusts them.
 */
export const setIdentity = (exchange: Exchange, identity: Identity): void => {
  const { consumer, credential } = identity;
  exchange.consumer = consumer;
  exchange.credential = credential;
  setOrRemove(exchange, 'X-Consumer-ID', consumer?.id);
  setOrRemove(exchange, 'X-Consumer-Custom-ID', consumer?.custom_id);
  setOrRemove(exchange, 'X-Consumer-Username', consumer?.username);
  setOrRemove(exchange, 'X-Credential-Identifier', identity.credentialIdentifier);
  setOrRemove(exchange, 'X-Anonymous-Consumer', credential ? undefined : 'true');
};
