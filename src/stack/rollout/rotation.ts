/** A container behind the gateway. */
export interface Replica {
  /** Its host name in the targets, as `backend-1`. */
  readonly service: string;
  readonly containerId: string;
}

/** What the gateway sends requests to, changed one replica at a time so that no request fails. */
export interface Rotation {
  /**
   * Gives a replica no new requests, and waits until it has none in hand or `backends.drainSeconds` are over. What the gateway sends
   * nothing to is out already. When it cannot be done, or the run is interrupted, the replica is back in with its weight.
   * @throws ApictlError NO_OTHER_REPLICA (4) where nobody else would serve, KONG_UNREACHABLE, KONG_FAILING, KONG_REFUSED (6)
   */
  takeOut(replica: Replica): Promise<void>;
  /**
   * Gives it its declared weight and waits until the gateway finds it healthy at the address that it has now.
   * @throws ApictlError REPLICA_NOT_TAKEN (4), and as `takeOut`
   */
  putBack(replica: Replica): Promise<void>;
  /** As `putBack`, for one that a killed run has left out; what is in is left as it is. */
  rejoin(replica: Replica): Promise<void>;
  /** As `putBack`, for a replica that the declared state may not know: it serves where `like` does. */
  add(replica: Replica, like: string): Promise<void>;
  /** Takes the targets of a replica that is gone out of the gateway. */
  forget(service: string): Promise<void>;
}
