import { receiverSecrets } from '../config/alerting.ts';
import type { Config } from '../config/schema.ts';

/** A secret of the stack. */
export interface SecretSpec {
  /** File name under secrets/values and under /run/secrets in the containers. */
  readonly name: string;
  /** What it opens, for people. */
  readonly opens: string;
  /** Random bytes before encoding, at least 16; null: the user gives it, nothing can generate it. */
  readonly bytes: number | null;
  /**
   * The volume (key in the rendered file, without its flavour) whose data was created with this value. With such data
   * there, a missing file is never replaced by a new value: nobody could open the data with it.
   */
  readonly boundTo?: string;
}

/** Those that every stack has: one table, from which they are generated, listed and explained. */
export const SECRETS: readonly SecretSpec[] = [
  { name: 'postgres-password', opens: 'PostgreSQL, user kong', bytes: 24, boundTo: 'postgres-data' },
  { name: 'django-secret-key', opens: 'Django’s signatures', bytes: 48 },
  { name: 'logging-admin-token', opens: 'the logging service’s search and administration', bytes: 32 },
  { name: 'partner-api-key', opens: 'the gateway’s sample route /partner, consumer partner', bytes: 24 },
  { name: 'grafana-admin-password', opens: 'Grafana, user admin', bytes: 18, boundTo: 'grafana-data' },
  {
    name: 'grafana-secret-key',
    opens: 'the passwords of data sources in Grafana’s database',
    bytes: 32,
    boundTo: 'grafana-data',
  },
  {
    name: 'elastic-password',
    opens: 'Elasticsearch and Kibana, user elastic',
    bytes: 24,
    boundTo: 'elasticsearch-data',
  },
  { name: 'kibana-system-password', opens: 'Elasticsearch, user kibana_system', bytes: 24 },
  {
    name: 'kibana-encryption-key',
    opens: 'Kibana’s stored objects',
    bytes: 32,
    boundTo: 'elasticsearch-data',
  },
  { name: 'logstash-writer-password', opens: 'Elasticsearch, user logstash_writer', bytes: 24 },
  { name: 'logging-writer-password', opens: 'Elasticsearch, user logging_writer', bytes: 24 },
  { name: 'exporter-password', opens: 'Elasticsearch, user exporter', bytes: 24 },
  { name: 'digest-key', opens: 'no door: it keys the digests of secrets in labels', bytes: 32 },
];

/** Every secret of a project: those of the stack, and those that its configuration names. */
export function secretsOf({ alerting }: Config): readonly SecretSpec[] {
  const given = new Map(
    receiverSecrets(alerting.receivers).map(({ name, receiver }) => [
      name,
      { name, opens: `the alert receiver ${receiver}`, bytes: null },
    ]),
  );
  return [...SECRETS, ...given.values()];
}

/** A secret as it lies on disk; never its value. */
export interface SecretState {
  readonly name: string;
  readonly opens: string;
  readonly state: 'present' | 'missing' | 'empty' | 'newline' | 'not-a-file';
  /** Null where there is no file. */
  readonly modifiedMs: number | null;
  readonly path: string;
}
