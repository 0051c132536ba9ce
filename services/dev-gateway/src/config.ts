/** Reads the gateway's configuration from the environment, in the names of Kong's own settings. */
import { readFileSync } from 'node:fs';
import type { CertificateSource } from './proxy/default-certificate.ts';
import { type ListenAddress, parseListenAddresses } from './proxy/listen-address.ts';
import { type ProxySettings, readProxySettings } from './proxy/settings.ts';
import type { PostgresOptions } from './store/postgres.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface GatewayConfig {
  /** The folder of this process, where a reload leaves word for it; without one there is no reload. */
  readonly prefix: string | undefined;
  /** Undefined keeps everything in memory. */
  readonly postgres: PostgresOptions | undefined;
  readonly proxy: ProxySettings;
  readonly admin: ListenerSettings;
  readonly status: ListenerSettings;
  readonly gui: ListenerSettings;
  /** The page that may use the Admin API from a browser. */
  readonly guiUrl: string | undefined;
}

export interface ListenerSettings {
  readonly addresses: readonly ListenAddress[];
  /** Without a certificate the gateway makes one for itself, new at each start. */
  readonly certificate: CertificateSource;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `the configuration has ${problems.length} problem(s):\n${problems.map((text) => `  - ${text}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const DEFAULTS: Readonly<Record<string, string>> = {
  DATABASE: 'postgres',
  PG_HOST: '127.0.0.1',
  PG_PORT: '5432',
  PG_USER: 'kong',
  PG_DATABASE: 'kong',
  PG_SSL: 'off',
  PG_SSL_VERIFY: 'off',
  PG_TIMEOUT: '5000',
  ADMIN_LISTEN: '127.0.0.1:8001, 127.0.0.1:8444 http2 ssl',
  STATUS_LISTEN: '0.0.0.0:8100',
  ADMIN_GUI_LISTEN: '0.0.0.0:8002',
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Collects problems while it reads, so that all of them are told at once. */
class Reader {
  readonly problems: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = this.#withFiles(environment);
  }

  /** All settings, with what came from files in its place. */
  get environment(): Environment {
    return this.#environment;
  }

  text(name: string): string | undefined {
    return this.#environment[`KONG_${name}`] || DEFAULTS[name];
  }

  number(name: string, least: number, most: number): number {
    const text = this.text(name) ?? '';
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.problems.push(`KONG_${name}: "${text}" is not a whole number between ${least} and ${most}`);
    return least;
  }

  isOn(name: string): boolean {
    const text = (this.text(name) ?? 'off').toLowerCase();
    if (['on', 'true', 'yes'].includes(text)) return true;
    if (!['off', 'false', 'no'].includes(text))
      this.problems.push(`KONG_${name}: "${text}" is neither on nor off`);
    return false;
  }

  listener(name: string): ListenerSettings {
    return {
      addresses:
        this.attempt(`KONG_${name}_LISTEN: `, () =>
          parseListenAddresses(this.text(`${name}_LISTEN`) ?? 'off'),
        ) ?? [],
      certificate: { certs: this.list(`${name}_SSL_CERT`), keys: this.list(`${name}_SSL_CERT_KEY`) },
    };
  }

  url(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
    this.problems.push(`KONG_${name}: "${text}" is not an http or https URL`);
    return undefined;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  }

  /** Runs a reader that throws at the first problem. */
  attempt<Result>(prefix: string, read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      this.problems.push(`${prefix}${reasonOf(error)}`);
      return undefined;
    }
  }

  /** `KONG_PG_PASSWORD_FILE` names a file that holds `KONG_PG_PASSWORD`; so does every other setting. */
  #withFiles(environment: Environment): Environment {
    const output: Record<string, string | undefined> = { ...environment };
    for (const [variable, path] of Object.entries(environment)) {
      const name = /^(KONG_.+)_FILE$/.exec(variable)?.[1];
      if (name === undefined || path === undefined || path === '') continue;
      if (environment[name]) this.problems.push(`${name} and ${variable} are both set; set one of them`);
      const text = this.attempt(`${variable}: `, () => readFileSync(path, 'utf8').trimEnd());
      if (text === '') this.problems.push(`${variable}: the file ${path} is empty`);
      output[name] = text;
    }
    return output;
  }
}

const readPostgres = (reader: Reader): PostgresOptions => ({
  host: reader.text('PG_HOST') ?? '',
  port: reader.number('PG_PORT', 1, 65_535),
  user: reader.text('PG_USER') ?? '',
  password: reader.text('PG_PASSWORD'),
  database: reader.text('PG_DATABASE') ?? '',
  isTls: reader.isOn('PG_SSL'),
  isTlsVerified: reader.isOn('PG_SSL_VERIFY'),
  timeoutMs: reader.number('PG_TIMEOUT', 1, 600_000),
});

/**
 * Reads all settings; names that are not read here are left alone, as this gateway has no use for them.
 *
 * @throws ConfigError with every problem
 */
export function readConfig(environment: Environment): GatewayConfig {
  const reader = new Reader(environment);
  const { problems } = reader;
  const database = reader.text('DATABASE');
  if (database !== 'postgres' && database !== 'memory') {
    problems.push(`KONG_DATABASE: "${database}" is not supported; use "postgres" or "memory"`);
  }
  const proxy = reader.attempt('', () => readProxySettings({ ...reader.environment }));
  const config = {
    prefix: reader.text('PREFIX'),
    postgres: database === 'memory' ? undefined : readPostgres(reader),
    admin: reader.listener('ADMIN'),
    status: reader.listener('STATUS'),
    gui: reader.listener('ADMIN_GUI'),
    guiUrl: reader.url('ADMIN_GUI_URL'),
  };
  if (problems.length > 0 || proxy === undefined) throw new ConfigError(problems);
  return { ...config, proxy };
}
