import type { HostResolver } from '../balancer/resolver.ts';
import type { Upstreams } from '../balancer/upstreams.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { PluginSet } from '../plugins/plugin-set.ts';
import type { Router } from '../router/router.ts';
import type { AddressBook } from './client-address.ts';
import type { ConnectionPools } from './connection-pools.ts';
import type { GatewayLog } from './gateway-log.ts';

/** What the handling of one request needs of the running gateway. */
export interface Gateway {
  readonly snapshot: () => Snapshot;
  readonly router: () => Router;
  readonly plugins: PluginSet;
  readonly upstreams: Upstreams;
  readonly resolver: HostResolver;
  readonly pools: ConnectionPools;
  readonly addresses: AddressBook;
  readonly log: GatewayLog;
  /** In the `Server` header of the gateway's own responses and in `Via`. */
  readonly name: string;
  /** Connections are to be closed after their present request. */
  readonly isDraining: () => boolean;
}
