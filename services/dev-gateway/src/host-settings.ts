/** The settings of a gateway that runs alone on the host, in the words of `make gateway`, as Kong's own settings. */
import { ConfigError, type Environment } from './config.ts';

/** All addresses are this machine's own: nothing here asks who is calling. */
const HOST = '127.0.0.1';

const PORTS = { PROXY_PORT: 8000, PROXY_SSL_PORT: 8443, ADMIN_PORT: 8001, STATUS_PORT: 8100 } as const;

type PortName = keyof typeof PORTS;

function readPort(environment: Environment, name: PortName, problems: string[]): number {
  const text = environment[name] || String(PORTS[name]);
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  problems.push(`${name}: "${text}" is not a port between 0 and 65535`);
  return 0;
}

function readDatabase(url: string | undefined, problems: string[]): Environment {
  if (url === undefined || url === '') return { KONG_DATABASE: 'memory' };
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  const database = parts?.pathname.slice(1) ?? '';
  if (
    parts === undefined ||
    !/^postgres(ql)?:$/.test(parts.protocol) ||
    parts.hostname === '' ||
    database === ''
  ) {
    // The text holds a password; it is not repeated.
    problems.push('DATABASE_URL: not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE');
    return {};
  }
  const sslMode = parts.searchParams.get('sslmode') ?? 'disable';
  return {
    KONG_DATABASE: 'postgres',
    KONG_PG_HOST: parts.hostname.replace(/^\[|\]$/g, ''),
    KONG_PG_PORT: parts.port || '5432',
    KONG_PG_USER: decodeURIComponent(parts.username) || 'kong',
    KONG_PG_PASSWORD: decodeURIComponent(parts.password),
    KONG_PG_DATABASE: decodeURIComponent(database),
    KONG_PG_SSL: ['require', 'verify-ca', 'verify-full'].includes(sslMode) ? 'on' : 'off',
    KONG_PG_SSL_VERIFY: ['verify-ca', 'verify-full'].includes(sslMode) ? 'on' : 'off',
  };
}

/**
 * Turns `PROXY_PORT`, `PROXY_SSL_PORT`, `ADMIN_PORT`, `STATUS_PORT` (0 lets the system choose) and `DATABASE_URL` into
 * Kong's settings; without `DATABASE_URL` everything is kept in memory. Other settings of Kong are left as they are.
 *
 * @throws ConfigError with every problem
 */
export function hostEnvironment(environment: Environment): Environment {
  const problems: string[] = [];
  const port = (name: PortName): number => readPort(environment, name, problems);
  const settings = {
    ...environment,
    ...readDatabase(environment.DATABASE_URL, problems),
    KONG_PROXY_LISTEN: `${HOST}:${port('PROXY_PORT')}, ${HOST}:${port('PROXY_SSL_PORT')} http2 ssl`,
    KONG_ADMIN_LISTEN: `${HOST}:${port('ADMIN_PORT')}`,
    KONG_STATUS_LISTEN: `${HOST}:${port('STATUS_PORT')}`,
    KONG_ADMIN_GUI_LISTEN: 'off',
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return settings;
}
