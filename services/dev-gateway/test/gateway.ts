/** A gateway inside of the test's process, on ports that the system chooses and on an empty database. */
import { readConfig } from '../src/config.ts';
import { type RunningGateway, startGateway } from '../src/gateway.ts';
import { jsonGatewayLog } from '../src/proxy/gateway-log.ts';
import { startProxySide } from '../src/proxy-side.ts';
import type { Database } from '../src/store/database.ts';
import { MemoryStorage } from '../src/store/memory-storage.ts';
import { bootstrap } from '../src/store/migrate.ts';
import { SCHEMA } from '../src/store/migrations.ts';
import { SqlStorage } from '../src/store/sql-storage.ts';

/** Knows no name, as a DNS that was asked about names for tests. */
const unknownName = async (host: string): Promise<readonly string[]> => {
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
};

/** Empties the database and starts a gateway on it, or without one on an empty memory. */
export async function startTestGateway(
  database?: Database,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningGateway> {
  if (database !== undefined) {
    await database.query(`drop schema if exists ${SCHEMA} cascade`);
    await bootstrap(database);
  }
  const config = readConfig({
    KONG_PROXY_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_LISTEN: '127.0.0.1:0',
    KONG_STATUS_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_GUI_LISTEN: '127.0.0.1:0',
    ...environment,
  });
  const log = jsonGatewayLog(() => undefined);
  return startGateway({
    config,
    storage: database === undefined ? new MemoryStorage() : new SqlStorage(database),
    startProxy: (inputs) => startProxySide(inputs, log, { resolve: unknownName }),
    notice: () => undefined,
  });
}

export const addressOf = ([listener]: readonly { readonly host: string; readonly port: number }[]): string =>
  `http://${listener?.host}:${listener?.port}`;

/** Waits until every target's name has been looked up: from then on the balancer stands as it was configured. */
export async function untilSettled({ store, proxy }: RunningGateway, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const isOpen = (): boolean =>
    [...store.snapshots.current().upstreams.keys()].some((id) =>
      proxy.health
        .targetHealth(id)
        .some(({ addresses, health }) => addresses.length === 0 && health !== 'DNS_ERROR'),
    );
  while (isOpen()) {
    if (Date.now() > deadline) throw new Error('a target was not looked up in time');
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
