/**
 * The stored entities, in the JSON shapes of Kong 3.8's Admin API. A value that was not given is `null`, never absent.
 * `created_at` and `updated_at` are seconds since the epoch (a target's carry milliseconds as a fraction).
 */

/** A reference to another entity. */
export interface Reference {
  readonly id: string;
}

export interface Stamped {
  readonly id: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly tags: readonly string[] | null;
}

export type ServiceProtocol = 'grpc' | 'grpcs' | 'http' | 'https' | 'tcp' | 'tls' | 'tls_passthrough' | 'udp';

export interface Service extends Stamped {
  readonly name: string | null;
  readonly protocol: ServiceProtocol;
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly retries: number;
  /** Milliseconds, as every timeout of a service. */
  readonly connect_timeout: number;
  readonly write_timeout: number;
  readonly read_timeout: number;
  readonly client_certificate: Reference | null;
  readonly tls_verify: boolean | null;
  readonly tls_verify_depth: number | null;
  readonly ca_certificates: readonly string[] | null;
  readonly enabled: boolean;
}

export interface AddressMatch {
  readonly ip: string | null;
  readonly port: number | null;
}

export interface Route extends Stamped {
  readonly name: string | null;
  readonly protocols: readonly string[];
  readonly methods: readonly string[] | null;
  readonly hosts: readonly string[] | null;
  /** A path that starts with `~` is a regular expression. */
  readonly paths: readonly string[] | null;
  readonly headers: Readonly<Record<string, readonly string[]>> | null;
  readonly snis: readonly string[] | null;
  readonly sources: readonly AddressMatch[] | null;
  readonly destinations: readonly AddressMatch[] | null;
  readonly https_redirect_status_code: number;
  readonly regex_priority: number;
  readonly strip_path: boolean;
  readonly path_handling: 'v0' | 'v1';
  readonly preserve_host: boolean;
  readonly request_buffering: boolean;
  readonly response_buffering: boolean;
  readonly service: Reference | null;
}

export type UpstreamAlgorithm = 'consistent-hashing' | 'least-connections' | 'round-robin' | 'latency';
export type HashOn = 'none' | 'consumer' | 'ip' | 'header' | 'cookie' | 'path' | 'query_arg' | 'uri_capture';

export interface ActiveHealthchecks {
  readonly type: 'tcp' | 'http' | 'https' | 'grpc' | 'grpcs';
  /** Seconds. */
  readonly timeout: number;
  readonly concurrency: number;
  readonly http_path: string;
  readonly https_sni: string | null;
  readonly https_verify_certificate: boolean;
  readonly headers: Readonly<Record<string, readonly string[]>> | null;
  /** `interval` is in seconds; 0 turns the probe off. */
  readonly healthy: {
    readonly interval: number;
    readonly http_statuses: readonly number[];
    readonly successes: number;
  };
  readonly unhealthy: {
    readonly interval: number;
    readonly http_statuses: readonly number[];
    readonly tcp_failures: number;
    readonly timeouts: number;
    readonly http_failures: number;
  };
}

export interface PassiveHealthchecks {
  readonly type: 'tcp' | 'http' | 'https' | 'grpc' | 'grpcs';
  readonly healthy: { readonly http_statuses: readonly number[]; readonly successes: number };
  readonly unhealthy: {
    readonly http_statuses: readonly number[];
    readonly tcp_failures: number;
    readonly timeouts: number;
    readonly http_failures: number;
  };
}

export interface Upstream extends Stamped {
  readonly name: string;
  readonly algorithm: UpstreamAlgorithm;
  readonly hash_on: HashOn;
  readonly hash_fallback: HashOn;
  readonly hash_on_header: string | null;
  readonly hash_fallback_header: string | null;
  readonly hash_on_cookie: string | null;
  readonly hash_on_cookie_path: string;
  readonly hash_on_query_arg: string | null;
  readonly hash_fallback_query_arg: string | null;
  readonly hash_on_uri_capture: string | null;
  readonly hash_fallback_uri_capture: string | null;
  readonly slots: number;
  readonly healthchecks: {
    readonly active: ActiveHealthchecks;
    readonly passive: PassiveHealthchecks;
    /** Per cent of the upstream's weight that must be available, or the whole upstream counts as unhealthy. */
    readonly threshold: number;
  };
  readonly host_header: string | null;
  readonly client_certificate: Reference | null;
  readonly use_srv_name: boolean;
}

export interface Target extends Stamped {
  /** `host:port`; an IPv6 address stands in brackets. */
  readonly target: string;
  readonly weight: number;
  readonly upstream: Reference;
}

export interface Consumer extends Stamped {
  readonly username: string | null;
  readonly custom_id: string | null;
}

export interface KeyAuthCredential {
  readonly id: string;
  readonly created_at: number;
  readonly tags: readonly string[] | null;
  readonly key: string;
  /** Seconds that are left to live, or null when the key does not expire. */
  readonly ttl: number | null;
  readonly consumer: Reference;
}

export interface BasicAuthCredential {
  readonly id: string;
  readonly created_at: number;
  readonly tags: readonly string[] | null;
  readonly username: string;
  /** A salted hash, never the password itself. */
  readonly password: string;
  readonly consumer: Reference;
}

export interface JwtCredential {
  readonly id: string;
  readonly created_at: number;
  readonly tags: readonly string[] | null;
  readonly key: string;
  readonly secret: string;
  readonly algorithm: string;
  readonly rsa_public_key: string | null;
  readonly consumer: Reference;
}

export interface HmacAuthCredential {
  readonly id: string;
  readonly created_at: number;
  readonly tags: readonly string[] | null;
  readonly username: string;
  readonly secret: string;
  readonly consumer: Reference;
}

export interface AclGroup {
  readonly id: string;
  readonly created_at: number;
  readonly tags: readonly string[] | null;
  readonly group: string;
  readonly consumer: Reference;
}

/** The configuration of a plugin, complete with its defaults; the plugin's own schema says what is in it. */
export type PluginConfig = Readonly<Record<string, unknown>>;

export interface Plugin extends Stamped {
  readonly name: string;
  readonly instance_name: string | null;
  readonly enabled: boolean;
  readonly protocols: readonly string[];
  readonly config: PluginConfig;
  readonly service: Reference | null;
  readonly route: Reference | null;
  readonly consumer: Reference | null;
}

export interface Certificate extends Stamped {
  /** PEM, as the private key and the alternative pair. */
  readonly cert: string;
  readonly key: string;
  readonly cert_alt: string | null;
  readonly key_alt: string | null;
}

export interface Sni extends Stamped {
  /** A host name; `*.example.test` and `example.*` are wildcards. */
  readonly name: string;
  readonly certificate: Reference;
}

export interface CaCertificate extends Stamped {
  readonly cert: string;
  readonly cert_digest: string;
}
