import * as z from 'zod';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Http } from '../core/ports/http.ts';

/** What we ask of Alertmanager's API, version 2: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */

export type Labels = Readonly<Record<string, string>>;

export interface NotifiedAlert {
  readonly labels: Labels;
  /** `suppressed`: silenced or inhibited, so nobody is told. */
  readonly state: 'active' | 'suppressed' | 'unprocessed';
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
}

export interface Silence {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
  /** RFC 3339. */
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface NewSilence {
  readonly labels: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface NewAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** What a receiver was told since Alertmanager started. */
export interface Deliveries {
  /** Attempts that ended, those that failed among them: Alertmanager tries again what may succeed later. */
  readonly attempts: number;
  readonly failedAttempts: number;
  /** Notifications that were given up, by reason. */
  readonly givenUp: Readonly<Record<string, number>>;
}

const alertsSchema = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({
      state: z.enum(['active', 'suppressed', 'unprocessed']),
      silencedBy: z.array(z.string()),
      inhibitedBy: z.array(z.string()),
    }),
  }),
);
const silencesSchema = z.array(
  z.object({
    id: z.string(),
    status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
    matchers: z.array(z.object({ name: z.string(), value: z.string() })),
    endsAt: z.string(),
    createdBy: z.string(),
    comment: z.string(),
  }),
);
/** A silence with all that makes it again. */
const keptSilenceSchema = z.object({
  matchers: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      isRegex: z.boolean(),
      isEqual: z.boolean().default(true),
    }),
  ),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});
export type KeptSilence = z.output<typeof keptSilenceSchema>;
const keptSilencesSchema = z.array(
  keptSilenceSchema.extend({ status: z.object({ state: z.enum(['active', 'pending', 'expired']) }) }),
);
const receiversSchema = z.array(z.object({ name: z.string() }));

const TIMEOUT_MS = 5_000;
const ATTEMPTS = 'alertmanager_notification_requests_total';
const FAILED_ATTEMPTS = 'alertmanager_notification_requests_failed_total';
const GIVEN_UP = 'alertmanager_notifications_failed_total';

/**
 * Every method throws ApictlError ALERTMANAGER_UNAVAILABLE (4) where nobody answers, and ALERTMANAGER_REFUSED (64) with its words for
 * what it does not take.
 */
export class Alertmanager {
  readonly #http: Http;
  readonly #url: string;

  /** @param url as `http://127.0.0.1:9093` */
  constructor(http: Http, url: string) {
    this.#http = http;
    this.#url = url;
  }

  async alerts(): Promise<NotifiedAlert[]> {
    const alerts = alertsSchema.parse(await this.#json('GET', '/api/v2/alerts'));
    return alerts.map(({ labels, status }) => ({ labels, ...status }));
  }

  /** Those that hold or will hold. */
  async silences(): Promise<Silence[]> {
    const silences = silencesSchema.parse(await this.#json('GET', '/api/v2/silences'));
    return silences
      .map(({ status, ...silence }) => ({ ...silence, state: status.state }))
      .filter(({ state }) => state !== 'expired');
  }

  /** Answers the silence's id. */
  async silence({ labels, ...silence }: NewSilence): Promise<string> {
    const matchers = Object.entries(labels).map(([name, value]) => ({
      name,
      value,
      isRegex: false,
      isEqual: true,
    }));
    const answer = await this.#json('POST', '/api/v2/silences', { matchers, ...silence });
    return z.object({ silenceID: z.string() }).parse(answer).silenceID;
  }

  /** Those that hold or will hold, whole. */
  async keptSilences(): Promise<KeptSilence[]> {
    const silences = keptSilencesSchema.parse(await this.#json('GET', '/api/v2/silences'));
    return silences.flatMap(({ status, ...silence }) => (status.state === 'expired' ? [] : [silence]));
  }

  async silenceAgain(silence: KeptSilence): Promise<void> {
    await this.#json('POST', '/api/v2/silences', silence);
  }

  async unsilence(id: string): Promise<void> {
    await this.#request('DELETE', `/api/v2/silence/${encodeURIComponent(id)}`);
  }

  async post(alerts: readonly NewAlert[]): Promise<void> {
    await this.#request('POST', '/api/v2/alerts', alerts);
  }

  /** Names of the receivers, as the configuration that runs has them. */
  async receivers(): Promise<string[]> {
    return receiversSchema.parse(await this.#json('GET', '/api/v2/receivers')).map(({ name }) => name);
  }

  /** By receiver; needs the feature `receiver-name-in-metrics`. */
  async deliveries(): Promise<ReadonlyMap<string, Deliveries>> {
    const found = new Map<
      string,
      { attempts: number; failedAttempts: number; givenUp: Record<string, number> }
    >();
    for (const { metric, labels, value } of samples(await this.#request('GET', '/metrics'))) {
      const { receiver_name: receiver, reason = 'other' } = labels;
      if (receiver === undefined) continue;
      const entry = found.get(receiver) ?? { attempts: 0, failedAttempts: 0, givenUp: {} };
      found.set(receiver, entry);
      if (metric === ATTEMPTS) entry.attempts += value;
      if (metric === FAILED_ATTEMPTS) entry.failedAttempts += value;
      if (metric === GIVEN_UP) entry.givenUp[reason] = (entry.givenUp[reason] ?? 0) + value;
    }
    return found;
  }

  async #json(method: string, path: string, body?: unknown): Promise<unknown> {
    return JSON.parse(await this.#request(method, path, body));
  }

  async #request(method: string, path: string, body?: unknown): Promise<string> {
    const url = `${this.#url}${path}`;
    const response = await this.#http
      .request({
        method,
        url,
        timeoutMs: TIMEOUT_MS,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      })
      .catch((thrown: unknown) => {
        throw unavailable(this.#url, thrown);
      });
    if (response.status >= 200 && response.status < 300) return response.body;
    throw refused(method, path, response.status, response.body);
  }
}

/** Lines as `name{a="b",c="d"} 3` of the Prometheus text format, as far as counters need it. */
function samples(text: string): { metric: string; labels: Labels; value: number }[] {
  return text.split('\n').flatMap((line) => {
    const [, metric, inner, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (metric === undefined || inner === undefined) return [];
    const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', text = '']) => [
      name,
      text,
    ]);
    return [{ metric, labels: Object.fromEntries(labels), value: Number(value) }];
  });
}

const unavailable = (url: string, cause: unknown) =>
  new ApictlError({
    code: 'ALERTMANAGER_UNAVAILABLE',
    exitCode: EXIT.unhealthy,
    message: `Alertmanager does not answer at ${url}`,
    object: 'alertmanager',
    hint: 'Look at "apictl status"; it is part of the profile monitoring.',
    cause,
  });

const refused = (method: string, path: string, status: number, body: string) =>
  new ApictlError({
    code: 'ALERTMANAGER_REFUSED',
    exitCode: EXIT.usage,
    message: `Alertmanager answered ${status} to ${method} ${path}: ${body.trim().slice(0, 300)}`,
    object: 'alertmanager',
    hint: 'See "apictl alerts ls" for what there is.',
  });
