/** A gateway inside of the test's process, on ports that the system chooses and on an empty database. */
import { readConfig } from '../src/config.ts';
import { type ProxySide, type RunningGateway, startGateway } from '../src/gateway.ts';
import type { Database } from '../src/store/database.ts';
import { bootstrap } from '../src/store/migrate.ts';
import { SCHEMA } from '../src/store/migrations.ts';

const noConnections = {
  accepted: 0,
  active: 0,
  handled: 0,
  reading: 0,
  waiting: 0,
  writing: 0,
  totalRequests: 0,
};

/** Stands in for the proxy where only the Admin API is looked at: it balances nothing. */
export const noProxy = async (): Promise<ProxySide> => ({
  health: { targetHealth: () => [], balancerHealth: () => undefined, setTargetHealth: () => false },
  metrics: { render: async () => '' },
  listeners: [],
  isReady: () => true,
  connections: () => noConnections,
  stop: async () => undefined,
});

/** Empties the database and starts a gateway on it. */
export async function startTestGateway(
  database: Database,
  environment: Readonly<Record<string, string>> = {},
  startProxy = noProxy,
): Promise<RunningGateway> {
  await database.query(`drop schema if exists ${SCHEMA} cascade`);
  await bootstrap(database);
  const config = readConfig({
    KONG_PROXY_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_LISTEN: '127.0.0.1:0',
    KONG_STATUS_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_GUI_LISTEN: '127.0.0.1:0',
    ...environment,
  });
  return startGateway({ config, database, startProxy, notice: () => undefined });
}

export const addressOf = ([listener]: readonly { readonly host: string; readonly port: number }[]): string =>
  `http://${listener?.host}:${listener?.port}`;
