import type {
  AclGroup,
  BasicAuthCredential,
  CaCertificate,
  Certificate,
  Consumer,
  HmacAuthCredential,
  JwtCredential,
  KeyAuthCredential,
  Plugin,
  Route,
  Service,
  Sni,
  Target,
  Upstream,
} from './entities.ts';

/**
 * The whole configuration at one moment, immutable, every map keyed by the entity's id and in order of creation.
 * A map that did not change between two snapshots is the same object, so a reader may keep what it derived from it.
 */
export interface Snapshot {
  /** Grows with each change. 0 is the empty configuration from before the first load. */
  readonly version: number;
  readonly services: ReadonlyMap<string, Service>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly targets: ReadonlyMap<string, Target>;
  readonly consumers: ReadonlyMap<string, Consumer>;
  readonly keyAuthCredentials: ReadonlyMap<string, KeyAuthCredential>;
  readonly basicAuthCredentials: ReadonlyMap<string, BasicAuthCredential>;
  readonly jwtCredentials: ReadonlyMap<string, JwtCredential>;
  readonly aclGroups: ReadonlyMap<string, AclGroup>;
  readonly hmacAuthCredentials: ReadonlyMap<string, HmacAuthCredential>;
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly certificates: ReadonlyMap<string, Certificate>;
  readonly snis: ReadonlyMap<string, Sni>;
  readonly caCertificates: ReadonlyMap<string, CaCertificate>;
}

/** Where the proxy learns the configuration from. It goes on with the last snapshot while the database is away. */
export interface SnapshotSource {
  current(): Snapshot;
  /** Calls `listener` after each change, not at once; the answer ends the subscription. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
}

/** The configuration of a gateway that was never told anything. */
export const emptySnapshot = (): Snapshot => ({
  version: 0,
  services: new Map(),
  routes: new Map(),
  upstreams: new Map(),
  targets: new Map(),
  consumers: new Map(),
  keyAuthCredentials: new Map(),
  basicAuthCredentials: new Map(),
  jwtCredentials: new Map(),
  aclGroups: new Map(),
  hmacAuthCredentials: new Map(),
  plugins: new Map(),
  certificates: new Map(),
  snis: new Map(),
  caCertificates: new Map(),
});
