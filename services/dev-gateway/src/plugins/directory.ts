import type {
  AclGroup,
  BasicAuthCredential,
  Consumer,
  HmacAuthCredential,
  JwtCredential,
  KeyAuthCredential,
} from '../model/entities.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Consumers and credentials of a snapshot, indexed by what a request carries. */
export interface Directory {
  consumer(idOrName: string): Consumer | undefined;
  keyAuth(key: string): KeyAuthCredential | undefined;
  basicAuth(username: string): BasicAuthCredential | undefined;
  jwt(key: string): JwtCredential | undefined;
  hmacAuth(username: string): HmacAuthCredential | undefined;
  groupsOf(consumerId: string): ReadonlySet<string>;
}

const indexBy = <K, V>(values: Iterable<V>, key: (value: V) => K): Map<K, V> => {
  const index = new Map<K, V>();
  for (const value of values) index.set(key(value), value);
  return index;
};

const groupsByConsumer = (groups: Iterable<AclGroup>): Map<string, Set<string>> => {
  const index = new Map<string, Set<string>>();
  for (const { consumer, group } of groups) {
    const known = index.get(consumer.id);
    if (known) known.add(group);
    else index.set(consumer.id, new Set([group]));
  }
  return index;
};

const NO_GROUPS: ReadonlySet<string> = new Set();

/** Builds the indexes on first use, so that a change of routes alone costs nothing here. */
export const directoryOf = (snapshot: Snapshot): Directory => {
  let byKey: Map<string, KeyAuthCredential> | undefined;
  let byUsername: Map<string, BasicAuthCredential> | undefined;
  let byJwtKey: Map<string, JwtCredential> | undefined;
  let byHmacName: Map<string, HmacAuthCredential> | undefined;
  let byConsumer: Map<string, Set<string>> | undefined;
  return {
    consumer: (idOrName) => {
      const byId = snapshot.consumers.get(idOrName);
      if (byId) return byId;
      for (const consumer of snapshot.consumers.values()) if (consumer.username === idOrName) return consumer;
      return undefined;
    },
    keyAuth: (key) => {
      byKey ??= indexBy(snapshot.keyAuthCredentials.values(), (credential) => credential.key);
      return byKey.get(key);
    },
    basicAuth: (username) => {
      byUsername ??= indexBy(snapshot.basicAuthCredentials.values(), (credential) => credential.username);
      return byUsername.get(username);
    },
    jwt: (key) => {
      byJwtKey ??= indexBy(snapshot.jwtCredentials.values(), (credential) => credential.key);
      return byJwtKey.get(key);
    },
    hmacAuth: (username) => {
      byHmacName ??= indexBy(snapshot.hmacAuthCredentials.values(), (credential) => credential.username);
      return byHmacName.get(username);
    },
    groupsOf: (consumerId) => {
      byConsumer ??= groupsByConsumer(snapshot.aclGroups.values());
      return byConsumer.get(consumerId) ?? NO_GROUPS;
    },
  };
};
