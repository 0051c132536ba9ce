/** The LOGGING_* environment: shape, defaults and the rules between variables. */
import { z } from 'zod';
import { patternProblem } from '../mask/patterns.ts';
import { MAX_AGE_MS, MAX_BYTES, MIN_AGE_MS, MIN_BYTES } from '../store/retention-bounds.ts';
import { parseBytes, parseDurationMs } from './quantity.ts';

/** Where a listener binds. Port 0 lets the system choose, which tests rely on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

function sizeBetween(minBytes: number, maxBytes: number, fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const bytes = parseBytes(text);
      if (bytes !== undefined && bytes >= minBytes && bytes <= maxBytes) return bytes;
      context.addIssue({
        code: 'custom',
        message: `"${text}" is not a size between ${minBytes} and ${maxBytes} bytes (write it like 16MiB)`,
      });
      return z.NEVER;
    });
}

function durationBetween(minMs: number, maxMs: number, fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const durationMs = parseDurationMs(text);
      if (durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs) return durationMs;
      context.addIssue({
        code: 'custom',
        message: `"${text}" is not a duration between ${minMs} ms and ${maxMs} ms (write it like 7d or 250ms)`,
      });
      return z.NEVER;
    });
}

function countBetween(min: number, max: number, fallback: number) {
  return z
    .string()
    .default(String(fallback))
    .transform((text, context) => {
      const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
      if (count >= min && count <= max) return count;
      context.addIssue({ code: 'custom', message: `"${text}" is not a whole number from ${min} to ${max}` });
      return z.NEVER;
    });
}

function listenAddress(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context): ListenAddress => {
      const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text.trim());
      const port = Number(match?.[3]);
      if (match !== null && port <= 65_535) return { host: match[1] ?? match[2] ?? '', port };
      context.addIssue({
        code: 'custom',
        message: `"${text}" is not host:port (for example 0.0.0.0:8081 or [::]:8081)`,
      });
      return z.NEVER;
    });
}

function listSeparatedBy(separator: string, fallback = '') {
  return z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(separator)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    );
}

/** A JSON list, because a pattern may hold any character. */
function listOfPatterns() {
  return z
    .string()
    .default('[]')
    .transform((text, context): readonly string[] => {
      const refuse = (message: string): never => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      const parsed = z.array(z.string()).max(MAX_PATTERNS).safeParse(jsonOf(text));
      if (!parsed.success) return refuse(`is no JSON list of at most ${MAX_PATTERNS} texts`);
      for (const pattern of parsed.data) {
        const problem = patternProblem(pattern);
        if (problem !== undefined) return refuse(`"${pattern.slice(0, 100)}" ${problem}`);
      }
      return parsed.data;
    });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Each one costs time on every line. */
const MAX_PATTERNS = 50;

const KIB = 1024;
const MIB = 1024 * KIB;
const TIB = 1024 * 1024 * MIB;

const directory = z.string().startsWith('/', 'must be an absolute path');

/** Every variable the service knows; anything else that begins with LOGGING_ is a spelling mistake. */
export const environmentSchema = z
  .strictObject({
    LOGGING_INGEST_LISTEN: listenAddress('0.0.0.0:8081'),
    LOGGING_ADMIN_LISTEN: listenAddress('0.0.0.0:8003'),
    LOGGING_ADMIN_HOSTS: listSeparatedBy(',', 'logging'),
    LOGGING_ADMIN_TLS_CERT_FILE: directory.optional(),
    LOGGING_ADMIN_TLS_KEY_FILE: directory.optional(),
    LOGGING_ADMIN_TOKEN_FILE: directory.default('/run/secrets/logging-admin-token'),
    LOGGING_INGEST_TOKEN_FILE: directory.optional(),
    LOGGING_DATA_DIR: directory.default('/var/lib/logging'),
    LOGGING_FOLLOW: listSeparatedBy(':').pipe(z.array(directory)),
    LOGGING_FOLLOW_INTERVAL: durationBetween(10, 60_000, '250ms'),
    LOGGING_ROTATE_BYTES: sizeBetween(4 * KIB, TIB, '16MiB'),
    LOGGING_ROTATE_KEEP: countBetween(0, 1000, 2),
    LOGGING_RETENTION_AGE: durationBetween(MIN_AGE_MS, MAX_AGE_MS, '7d'),
    LOGGING_RETENTION_SIZE: sizeBetween(MIN_BYTES, MAX_BYTES, '1GiB'),
    LOGGING_BUFFER_SIZE: sizeBetween(256 * KIB, 16 * TIB, '512MiB'),
    LOGGING_SEGMENT_SIZE: sizeBetween(16 * KIB, 1024 * MIB, '16MiB'),
    LOGGING_MAX_BODY: sizeBetween(KIB, 256 * MIB, '4MiB'),
    LOGGING_MAX_INFLATED_BODY: sizeBetween(KIB, 1024 * MIB, '16MiB'),
    LOGGING_MAX_LINE: sizeBetween(256, 64 * MIB, '1MiB'),
    LOGGING_STORE_MEMORY: sizeBetween(32 * MIB, TIB, '64MiB'),
    LOGGING_STORE_THREADS: countBetween(1, 64, 2),
    LOGGING_ELASTICSEARCH_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .optional(),
    LOGGING_ELASTICSEARCH_USER: z.string().default('logging_writer'),
    LOGGING_ELASTICSEARCH_PASSWORD_FILE: directory.optional(),
    // The form of a data stream's name: type, dataset, namespace.
    LOGGING_ELASTICSEARCH_DATA_STREAM: z
      .string()
      .regex(/^logs-[a-z0-9._]{1,80}-[a-z0-9._]{1,80}$/, 'must be logs-<dataset>-<namespace>')
      .default('logs-apictl.service-default'),
    LOGGING_MASK_KEYS: listSeparatedBy(','),
    LOGGING_MASK_PATTERNS: listOfPatterns(),
  })
  .superRefine((env, context) => {
    const refuse = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (env.LOGGING_BUFFER_SIZE < 2 * env.LOGGING_SEGMENT_SIZE) {
      refuse('LOGGING_BUFFER_SIZE', 'must be at least twice LOGGING_SEGMENT_SIZE');
    }
    if (env.LOGGING_MAX_INFLATED_BODY < env.LOGGING_MAX_BODY) {
      refuse('LOGGING_MAX_INFLATED_BODY', 'must not be smaller than LOGGING_MAX_BODY');
    }
    if (env.LOGGING_MAX_LINE > env.LOGGING_MAX_INFLATED_BODY) {
      refuse('LOGGING_MAX_LINE', 'must not be larger than LOGGING_MAX_INFLATED_BODY');
    }
    if ((env.LOGGING_ADMIN_TLS_CERT_FILE === undefined) !== (env.LOGGING_ADMIN_TLS_KEY_FILE === undefined)) {
      refuse('LOGGING_ADMIN_TLS_KEY_FILE', 'goes with LOGGING_ADMIN_TLS_CERT_FILE; give both or neither');
    }
    const seen = new Set<string>();
    for (const path of env.LOGGING_FOLLOW) {
      if (seen.has(path)) refuse('LOGGING_FOLLOW', `names ${path} twice`);
      seen.add(path);
    }
  });

export type Environment = z.output<typeof environmentSchema>;
