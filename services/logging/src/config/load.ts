/** Environment and token file -> Config, with every problem told in one pass. */
import { readFileSync } from 'node:fs';
import { type Environment, environmentSchema, type ListenAddress } from './schema.ts';
import { Secret } from './secret.ts';

export interface Config {
  readonly ingestListen: ListenAddress;
  readonly adminListen: ListenAddress;
  /** Names besides localhost and addresses under which the administration listener may be reached. */
  readonly adminHosts: readonly string[];
  readonly adminToken: Secret;
  /** undefined where the administration listener speaks plain HTTP. */
  readonly adminTls: CertificateFiles | undefined;
  /** Without one, whoever reaches the ingest listener may send. */
  readonly ingestToken: Secret | undefined;
  readonly dataDir: string;
  readonly followDirs: readonly string[];
  readonly followIntervalMs: number;
  readonly rotateBytes: number;
  readonly rotateKeep: number;
  readonly retentionAgeMs: number;
  readonly retentionBytes: number;
  readonly bufferBytes: number;
  readonly segmentBytes: number;
  readonly maxBodyBytes: number;
  readonly maxInflatedBodyBytes: number;
  readonly maxLineBytes: number;
  readonly storeMemoryBytes: number;
  readonly storeThreads: number;
  readonly maskKeys: readonly string[];
  /** In RE2's syntax. */
  readonly maskPatterns: readonly string[];
  /** undefined where no Elasticsearch is configured. */
  readonly elasticsearch: ElasticsearchConfig | undefined;
}

/** Paths of PEM files; they are read at the start, and again when the service is told to. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface ElasticsearchConfig {
  readonly url: string;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly dataStream: string;
}

/** The configuration is unusable. `problems` holds one sentence for each fault, beginning with the variable. */
export class ConfigError extends Error {
  readonly exitCode = 64;
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the configuration has ${problems.length} problem(s)`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const MIN_TOKEN_LENGTH = 16;

/** @returns the secret, or the sentence that says what is wrong with it */
function readToken(variable: string, path: string): Secret | string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return `${variable}: ${path} cannot be read (${code}); mount the secret there`;
  }
  if (token.length < MIN_TOKEN_LENGTH) {
    return `${variable}: ${path} holds ${token.length} characters, at least ${MIN_TOKEN_LENGTH} are needed`;
  }
  return new Secret(token);
}

/** The default is checked even where other variables are at fault, so that one run shows everything. */
function tokenPathOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.LOGGING_ADMIN_TOKEN_FILE ?? '/run/secrets/logging-admin-token';
}

interface Secrets {
  readonly adminToken: Secret;
  readonly ingestToken: Secret | undefined;
  readonly elasticsearchPassword: Secret | undefined;
}

function toConfig(env: Environment, secrets: Secrets): Config {
  const { adminToken, ingestToken, elasticsearchPassword: password } = secrets;
  return {
    ingestListen: env.LOGGING_INGEST_LISTEN,
    adminListen: env.LOGGING_ADMIN_LISTEN,
    adminHosts: env.LOGGING_ADMIN_HOSTS.map((name) => name.toLowerCase()),
    adminToken,
    adminTls:
      env.LOGGING_ADMIN_TLS_CERT_FILE === undefined || env.LOGGING_ADMIN_TLS_KEY_FILE === undefined
        ? undefined
        : { cert: env.LOGGING_ADMIN_TLS_CERT_FILE, key: env.LOGGING_ADMIN_TLS_KEY_FILE },
    ingestToken,
    dataDir: env.LOGGING_DATA_DIR,
    followDirs: env.LOGGING_FOLLOW,
    followIntervalMs: env.LOGGING_FOLLOW_INTERVAL,
    rotateBytes: env.LOGGING_ROTATE_BYTES,
    rotateKeep: env.LOGGING_ROTATE_KEEP,
    retentionAgeMs: env.LOGGING_RETENTION_AGE,
    retentionBytes: env.LOGGING_RETENTION_SIZE,
    bufferBytes: env.LOGGING_BUFFER_SIZE,
    segmentBytes: env.LOGGING_SEGMENT_SIZE,
    maxBodyBytes: env.LOGGING_MAX_BODY,
    maxInflatedBodyBytes: env.LOGGING_MAX_INFLATED_BODY,
    maxLineBytes: env.LOGGING_MAX_LINE,
    storeMemoryBytes: env.LOGGING_STORE_MEMORY,
    storeThreads: env.LOGGING_STORE_THREADS,
    maskKeys: env.LOGGING_MASK_KEYS,
    maskPatterns: env.LOGGING_MASK_PATTERNS,
    elasticsearch:
      env.LOGGING_ELASTICSEARCH_URL === undefined
        ? undefined
        : {
            url: env.LOGGING_ELASTICSEARCH_URL,
            user: env.LOGGING_ELASTICSEARCH_USER,
            password,
            dataStream: env.LOGGING_ELASTICSEARCH_DATA_STREAM,
          },
  };
}

/**
 * Reads the LOGGING_* variables and the token file. An empty variable counts as absent.
 * @throws ConfigError with all problems at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const ours = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name.startsWith('LOGGING_') && value !== ''),
  );
  const parsed = environmentSchema.safeParse(ours);
  const problems = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => `${key}: no such variable`)
          : [`${issue.path[0] === undefined ? 'environment' : String(issue.path[0])}: ${issue.message}`],
      );
  const read = (variable: string, path: string | undefined): Secret | undefined => {
    const token = path === undefined ? undefined : readToken(variable, path);
    if (typeof token !== 'string') return token;
    problems.push(token);
    return undefined;
  };
  const adminToken = read('LOGGING_ADMIN_TOKEN_FILE', tokenPathOf(ours));
  const ingestToken = read('LOGGING_INGEST_TOKEN_FILE', ours.LOGGING_INGEST_TOKEN_FILE);
  const elasticsearchPassword = read(
    'LOGGING_ELASTICSEARCH_PASSWORD_FILE',
    ours.LOGGING_ELASTICSEARCH_PASSWORD_FILE,
  );
  if (!parsed.success || adminToken === undefined || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data, { adminToken, ingestToken, elasticsearchPassword });
}
