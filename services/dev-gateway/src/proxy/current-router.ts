import type { Snapshot } from '../model/snapshot.ts';
import { compileRouter, type Router } from '../router/router.ts';
import type { GatewayLog } from './gateway-log.ts';

/** After this long without another change the routes are compiled without being asked for. */
const QUIET_MS = 50;

/**
 * The router of the present snapshot. Compiling takes as long as there are routes, and thousands may be written one after the
 * other: it is done for the first request after a change, or once there is quiet.
 */
export class CurrentRouter {
  readonly #snapshot: () => Snapshot;
  readonly #log: GatewayLog;
  #router: Router | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(snapshot: () => Snapshot, log: GatewayLog) {
    this.#snapshot = snapshot;
    this.#log = log;
  }

  get(): Router {
    return this.#router ?? this.#compile();
  }

  /** The routes are others now. */
  forget(): void {
    this.#router = undefined;
    this.stop();
    this.#soon = setTimeout(() => this.get(), QUIET_MS);
    this.#soon.unref();
  }

  stop(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  #compile(): Router {
    this.stop();
    const router = compileRouter(this.#snapshot());
    this.#router = router;
    for (const { route, reason } of router.rejected) {
      this.#log.error(`route cannot be served: ${reason}`, { route: route.name ?? route.id });
    }
    return router;
  }
}
