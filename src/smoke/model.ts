import type { Clock } from '../core/ports/clock.ts';
import type { Http } from '../core/ports/http.ts';
import type { Secret } from '../core/secret.ts';

/** What the packaged gateway has, and a project's own declared state need not have. */
export const SAMPLE = [
  'route api',
  'rate-limiting on api',
  'correlation-id on api',
  'prometheus on api',
  'file-log on api',
  'route gateway-health',
  'route partner',
  'key-auth on partner',
] as const;
export type SampleName = (typeof SAMPLE)[number];

/** What a look at the running stack from outside needs to know. */
export interface SmokeInput {
  readonly http: Http;
  readonly clock: Clock;
  /**
   * Where what runs is reached: `proxy` and `proxyTls` always; `logging` (the administration port), `admin`, `prometheus`,
   * `alertmanager`, `grafana`, `kibana`, `elasticsearch` where they run. What is absent is not checked.
   */
  readonly urls: Readonly<Record<string, string>>;
  /** PEM of the authorities that signed the certificates of the doors. */
  readonly ca: string;
  /** The name that their certificates must hold for; the host of the URL where absent. */
  readonly serverName?: string;
  readonly partnerKey: Secret;
  /** For the logging service's administration port. */
  readonly loggingToken: Secret;
  /** Names of the backends as they name themselves, `backend-1` and so on. */
  readonly backends: readonly string[];
  /** Whether they are the user's own application, which need not write to the service logs. */
  readonly isOwnBackend: boolean;
  /** What of the packaged gateway is declared; what is not is left out. */
  readonly sample: ReadonlySet<SampleName>;
  /** Alert rules that must be loaded. */
  readonly alertRules: readonly string[];
  /** A new text each time: it marks this run's requests in the logs. */
  readonly newRequestId: () => string;
  /** For all checks together; what is not done by then is not made, and not fine. Default 60,000. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
}

/** One check as a person reads it. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, whether it is fine or not. */
  readonly found: string;
  /** What to do; empty where nothing is to be done. */
  readonly fix: string;
  readonly seconds: number;
  /** It was not made; `found` says why. Absent where it was. */
  readonly skipped?: true;
}

export type Finding = Pick<CheckResult, 'ok' | 'found'>;

export interface SmokeCheck {
  readonly name: string;
  /** What to do when it fails. */
  readonly fix: string;
  /** What it asks for; nothing of the packaged gateway where absent. */
  readonly needs?: readonly SampleName[];
  /** Asks again until it is fine or the time is over: what follows a change within seconds is not a failure. */
  readonly patienceMs?: number;
  readonly look: (world: SmokeWorld) => Promise<Finding>;
}

/** The input with what the checks share. */
export interface SmokeWorld extends SmokeInput {
  /** One request, bounded by what is left of the budget; a door with TLS is verified. */
  readonly ask: (url: string, options?: AskOptions) => Promise<Answer>;
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body parsed, undefined where it is no JSON. */
  readonly json: unknown;
}
