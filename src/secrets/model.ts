import { receiverSecrets } from '../config/alerting.ts';
import type { Config } from '../config/schema.ts';

/** Who holds the value of a secret beside its file, and so how a new one gets there. One row here for every way that there is. */
export type Holder =
  | { readonly kind: 'postgres'; readonly role: string }
  | { readonly kind: 'elasticsearch'; readonly user: string }
  | { readonly kind: 'grafana'; readonly user: string }
  /** Grafana's database, whose data keys are encrypted with it. */
  | { readonly kind: 'grafana-keys' }
  /** Kibana's stored objects, which are encrypted with it. */
  | { readonly kind: 'kibana-objects' }
  /** Takes the value of another secret whenever that one is rotated. */
  | { readonly kind: 'former'; readonly of: string }
  /** A key of a consumer, in Kong's database. */
  | { readonly kind: 'gateway-key' }
  /** Its readers alone; a login with it can be tried at the logging service. */
  | { readonly kind: 'logging' }
  /** Its readers alone, and there is nothing to log in to. */
  | { readonly kind: 'readers' }
  /** Its readers alone, and every container is one: it can change only while none is there. */
  | { readonly kind: 'every-container' }
  /** Somebody outside, who gives it. */
  | { readonly kind: 'outside' };

/** A secret of the stack. */
export interface SecretSpec {
  /** File name under secrets/values and under /run/secrets in the containers. */
  readonly name: string;
  /** What it opens, for people. */
  readonly opens: string;
  /** Random bytes before encoding, at least 16; null: the user gives it, nothing can generate it. */
  readonly bytes: number | null;
  readonly holder: Holder;
  /**
   * The volume (key in the rendered file, without its flavour) whose data was created with this value. With such data
   * there, a missing file is never replaced by a new value: nobody could open the data with it.
   */
  readonly boundTo?: string;
}

/** Those that every stack has: one table, from which they are generated, listed and explained. */
export const SECRETS: readonly SecretSpec[] = [
  {
    name: 'postgres-password',
    opens: 'PostgreSQL, user kong',
    bytes: 24,
    holder: { kind: 'postgres', role: 'kong' },
    boundTo: 'postgres-data',
  },
  { name: 'django-secret-key', opens: 'Django’s signatures', bytes: 48, holder: { kind: 'readers' } },
  {
    name: 'logging-admin-token',
    opens: 'the logging service’s search and administration',
    bytes: 32,
    holder: { kind: 'logging' },
  },
  {
    name: 'partner-api-key',
    opens: 'the gateway’s sample route /partner, consumer partner',
    bytes: 24,
    holder: { kind: 'gateway-key' },
  },
  {
    name: 'grafana-admin-password',
    opens: 'Grafana, user admin',
    bytes: 18,
    holder: { kind: 'grafana', user: 'admin' },
    boundTo: 'grafana-data',
  },
  // Before the other users of Elasticsearch: their passwords are set with this one.
  {
    name: 'elastic-password',
    opens: 'Elasticsearch and Kibana, user elastic',
    bytes: 24,
    holder: { kind: 'elasticsearch', user: 'elastic' },
    boundTo: 'elasticsearch-data',
  },
  // Before Kibana's own password: its objects are encrypted anew while it is still let in to Elasticsearch.
  {
    name: 'kibana-encryption-key',
    opens: 'Kibana’s stored objects',
    bytes: 32,
    holder: { kind: 'kibana-objects' },
    boundTo: 'elasticsearch-data',
  },
  {
    name: 'kibana-former-encryption-key',
    opens: 'Kibana’s stored objects as they were encrypted before the last rotation',
    bytes: 32,
    holder: { kind: 'former', of: 'kibana-encryption-key' },
  },
  {
    name: 'kibana-system-password',
    opens: 'Elasticsearch, user kibana_system',
    bytes: 24,
    holder: { kind: 'elasticsearch', user: 'kibana_system' },
  },
  {
    name: 'logstash-writer-password',
    opens: 'Elasticsearch, user logstash_writer',
    bytes: 24,
    holder: { kind: 'elasticsearch', user: 'logstash_writer' },
  },
  {
    name: 'logging-writer-password',
    opens: 'Elasticsearch, user logging_writer',
    bytes: 24,
    holder: { kind: 'elasticsearch', user: 'logging_writer' },
  },
  {
    name: 'exporter-password',
    opens: 'Elasticsearch, user exporter',
    bytes: 24,
    holder: { kind: 'elasticsearch', user: 'exporter' },
  },
  {
    name: 'kibana-setup-password',
    opens: 'Elasticsearch and Kibana’s saved objects, user kibana_setup',
    bytes: 24,
    holder: { kind: 'elasticsearch', user: 'kibana_setup' },
  },
  // Behind the others: Grafana stands still from here until all readers are made anew.
  {
    name: 'grafana-secret-key',
    opens: 'the passwords of data sources in Grafana’s database',
    bytes: 32,
    holder: { kind: 'grafana-keys' },
    boundTo: 'grafana-data',
  },
  {
    name: 'digest-key',
    opens: 'no door: it keys the digests of secrets in labels',
    bytes: 32,
    holder: { kind: 'every-container' },
  },
];

/** Every secret of a project: those of the stack, and those that its configuration names. */
export function secretsOf({ alerting }: Config): readonly SecretSpec[] {
  const given = new Map(
    receiverSecrets(alerting.receivers).map(({ name, receiver }) => [
      name,
      { name, opens: `the alert receiver ${receiver}`, bytes: null, holder: { kind: 'outside' as const } },
    ]),
  );
  return [...SECRETS, ...given.values()];
}

/**
 * Readable by every user because each image reads as another one; the folder above keeps the machine's other
 * users out, and a mounted file carries no folder with it.
 */
export const FILE_MODE = 0o444;
export const FOLDER_MODE = 0o700;

/** `link`: a symbolic link, which may lead out of the project; `weak`: easy to guess. */
export const SECRET_STATES = [
  'present',
  'missing',
  'empty',
  'newline',
  'not-a-file',
  'link',
  'weak',
] as const;

/** A secret as it lies on disk; never its value. */
export interface SecretState {
  readonly name: string;
  readonly opens: string;
  readonly state: (typeof SECRET_STATES)[number];
  /** Where the value is weak: why. */
  readonly weakness: string | null;
  /** Permission bits and user id of the owner; null where there is no file. */
  readonly mode: number | null;
  readonly owner: number | null;
  /** Null where there is no file. */
  readonly modifiedMs: number | null;
  readonly path: string;
}
