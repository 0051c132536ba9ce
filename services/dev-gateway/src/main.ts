import 'reflect-metadata';
import { ConfigError, type Environment, readConfig } from './config.ts';
import { startGateway } from './gateway.ts';
import { askReadiness } from './health-command.ts';
import { hostEnvironment } from './host-settings.ts';
import { GATEWAY_NAME, GATEWAY_VERSION } from './identity.ts';
import { runMigrations } from './migrations-command.ts';
import { openStorage } from './open-storage.ts';
import { type GatewayLog, jsonGatewayLog } from './proxy/gateway-log.ts';
import { startProxySide } from './proxy-side.ts';
import { followReloads, requestReload } from './reload.ts';
import { awaitDatabase } from './store/await-database.ts';
import { PostgresDatabase } from './store/postgres.ts';

const USAGE = `${GATEWAY_NAME} ${GATEWAY_VERSION}

usage: main.mjs migrations bootstrap|up|finish|list
       main.mjs start
       main.mjs reload
       main.mjs host
       main.mjs health
       main.mjs version

Settings come from the environment, in the names of Kong (KONG_PG_HOST, KONG_ADMIN_LISTEN, ...).
reload hands KONG_PG_USER and KONG_PG_PASSWORD to the gateway of KONG_PREFIX, which goes on without a pause.
host runs alone on 127.0.0.1: PROXY_PORT, PROXY_SSL_PORT, ADMIN_PORT, STATUS_PORT; in memory unless DATABASE_URL is set.
`;

const DATABASE_START_MS = 60_000;
const USAGE_EXIT = 2;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function migrations(action: string, log: GatewayLog): Promise<number> {
  const { postgres } = readConfig(process.env);
  if (postgres === undefined) throw new Error('KONG_DATABASE is "memory"; there is nothing to migrate');
  // A second job that starts at the same time waits for the first one's lock.
  const timeoutMs = Math.max(postgres.timeoutMs, DATABASE_START_MS);
  const database = new PostgresDatabase({ ...postgres, timeoutMs }, (text) => log.warn(text));
  try {
    await awaitDatabase(database, DATABASE_START_MS, new AbortController().signal);
    return await runMigrations(action, database, print);
  } finally {
    await database.close();
  }
}

/** Resolves with the first signal that asks for a stop. */
const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });

async function start(environment: Environment, isSelfMigrating: boolean, log: GatewayLog): Promise<number> {
  const config = readConfig(environment);
  const stop = new AbortController();
  const stopped = stopSignal().then((signal) => {
    stop.abort();
    return signal;
  });
  const notice = (text: string): void => log.warn(text);
  const opened = await openStorage(config, { isSelfMigrating, notice, signal: stop.signal });
  const { storage, logInAs, close } = opened;
  const { prefix } = config;
  try {
    if (prefix !== undefined && logInAs !== undefined) followReloads(prefix, logInAs, log);
    const gateway = await startGateway({
      config,
      storage,
      startProxy: (inputs) => startProxySide(inputs, log),
      notice,
    });
    const ports = (listeners: readonly { readonly port: number }[]) =>
      listeners.map(({ port }) => port).join(', ');
    log.info(`${GATEWAY_NAME} is ready`, {
      version: GATEWAY_VERSION,
      proxy: ports(gateway.proxy.listeners),
      admin: ports(gateway.admin),
      status: ports(gateway.status),
      page: ports(gateway.manager),
    });
    // Kong's master takes it the same way: what is connected goes on, who connects next sees the files as they are now.
    process.on('SIGHUP', () => void gateway.reloadCertificates());
    const signal = await stopped;
    log.info(`stopping on ${signal}`);
    await gateway.stop();
    log.info('stopped');
    return 0;
  } finally {
    await close();
  }
}

async function reload(log: GatewayLog): Promise<number> {
  const { prefix, postgres } = readConfig(process.env);
  if (prefix === undefined) throw new Error('KONG_PREFIX does not say which gateway is meant');
  if (postgres === undefined) throw new Error('KONG_DATABASE is "memory"; there is nobody to log in to');
  // As Kong does: what the database refuses never reaches the gateway that runs.
  const database = new PostgresDatabase(postgres, (text) => log.warn(text));
  try {
    await awaitDatabase(database, postgres.timeoutMs, new AbortController().signal);
  } finally {
    await database.close();
  }
  requestReload(prefix, postgres);
  print('reloaded');
  return 0;
}

async function health(): Promise<number> {
  const { isReady, message } = await askReadiness(readConfig(process.env));
  print(message);
  return isReady ? 0 : 1;
}

async function run([command, action = '']: readonly string[], log: GatewayLog): Promise<number> {
  if (command === 'migrations') return migrations(action, log);
  if (command === 'start') return start(process.env, false, log);
  if (command === 'reload') return reload(log);
  if (command === 'host') return start(hostEnvironment(process.env), true, log);
  if (command === 'health') return health();
  if (command === 'version') {
    print(GATEWAY_VERSION);
    return 0;
  }
  process.stderr.write(USAGE);
  return USAGE_EXIT;
}

const log = jsonGatewayLog((line) => void process.stderr.write(line));
try {
  process.exitCode = await run(process.argv.slice(2), log);
} catch (error) {
  if (error instanceof ConfigError) for (const problem of error.problems) log.error(problem);
  else log.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
