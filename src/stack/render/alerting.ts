import { type AlertReceiver, receiverSecrets } from '../../config/alerting.ts';
import type { Config } from '../../config/schema.ts';
import { durationMs } from '../../core/duration.ts';
import type { TreeMap } from './compose-tree.ts';
import { inDays } from './days.ts';

/** Times the error budget: at 14.4 a month's is gone in two days, at 6 in five (the SRE workbook's pair of burn rates). */
const FAST_BURN = 14.4;
const SLOW_BURN = 6;

/** Prometheus takes no scrape that may last longer than what is between two of them. */
const LONGEST_SCRAPE_SECONDS = 10;

/** How long a service may not answer, and nothing of the gateway's requests be logged, before it is told; no longer than `window`. */
const DOWN_FOR = '2m';
const UNLOGGED_FOR = '5m';

/** What the alert rules and Alertmanager's configuration name of `alerting`. */
export function alertingValues(alerting: Config['alerting']): TreeMap {
  const { window, errorRatio, loggingErrorRatio, latencyP99Ms, availability, receivers } = alerting;
  const { interval, groupWait, groupInterval, repeatInterval } = alerting;
  // Digits that only come from the binary form of the fraction are none.
  const times = (rate: number): number => Number((rate * (1 - availability)).toPrecision(6));
  const secrets = [...new Set(receiverSecrets(receivers).map(({ name }) => name))].sort();
  return {
    interval,
    scrapeTimeout: `${Math.min(LONGEST_SCRAPE_SECONDS, Number.parseInt(interval, 10))}s`,
    window: inDays(window),
    downFor: shorterOf(DOWN_FOR, window),
    unloggedFor: shorterOf(UNLOGGED_FOR, window),
    errorRatio,
    loggingErrorRatio,
    latencyP99Ms,
    fastBurnRatio: times(FAST_BURN),
    slowBurnRatio: times(SLOW_BURN),
    groupWait: inDays(groupWait),
    groupInterval: inDays(groupInterval),
    repeatInterval: inDays(repeatInterval),
    routes: [TO_LOGGING, ...receivers.map(routeOf)],
    receivers: [LOGGING, ...receivers.map(receiverOf)],
    secrets: secrets.length === 0 ? null : secrets,
  };
}

const shorterOf = (limit: string, window: string): string =>
  (durationMs(window) ?? Number.POSITIVE_INFINITY) < (durationMs(limit) ?? 0) ? window : limit;

/** Keeps every alert, also the watchdog, beside the logs. */
const TO_LOGGING = { receiver: 'logging', continue: true } as const;
const LOGGING = {
  name: 'logging',
  webhook_configs: [{ url: 'http://logging:8081/v1/alerts', send_resolved: true }],
} as const;

/** Each receiver for itself: one that takes an alert keeps it from no other. */
const routeOf = ({ name, severities, repeatInterval }: AlertReceiver): TreeMap => ({
  receiver: name,
  matchers: [`severity=~"${severities.join('|')}"`],
  ...(repeatInterval === undefined ? {} : { repeat_interval: inDays(repeatInterval) }),
  continue: true,
});

/** @see https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings */
function receiverOf({ name, webhook, slack, pagerduty, email }: AlertReceiver): TreeMap {
  if (webhook !== undefined) {
    const { url, urlSecret, bearerSecret } = webhook;
    const authorization = { credentials_file: fileOf(bearerSecret ?? '') };
    return {
      name,
      webhook_configs: [
        {
          ...(url === undefined ? { url_file: fileOf(urlSecret ?? '') } : { url }),
          send_resolved: true,
          ...(bearerSecret === undefined ? {} : { http_config: { authorization } }),
        },
      ],
    };
  }
  if (slack !== undefined) {
    const { urlSecret, channel } = slack;
    const where = channel === undefined ? {} : { channel };
    return {
      name,
      slack_configs: [{ api_url_file: fileOf(urlSecret), send_resolved: true, ...where, ...SLACK }],
    };
  }
  if (pagerduty !== undefined) {
    const { routingKeySecret, url } = pagerduty;
    const where = url === undefined ? {} : { url };
    return {
      name,
      pagerduty_configs: [
        { routing_key_file: fileOf(routingKeySecret), send_resolved: true, ...where, ...PAGERDUTY },
      ],
    };
  }
  return { name, email_configs: email === undefined ? [] : [emailOf(email)] };
}

/** Without a label that all alerts of a message share, its place is empty. */
const WHICH = '{{ .CommonLabels.alertname }}{{ with .CommonLabels.service }} ({{ . }}){{ end }}';
const WHAT = '{{ range .Alerts }}{{ .Annotations.summary }}\n{{ end }}';
/** Alerts of one message are of one rule, so what to do is the same. */
const TO_DO = '{{ (index .Alerts 0).Annotations.runbook }}';

const SLACK = {
  title: `{{ .Status | toUpper }}{{ with .CommonLabels.severity }} {{ . }}{{ end }}: ${WHICH}`,
  text: `${WHAT}${TO_DO}`,
} as const;

const PAGERDUTY = {
  description: `${WHICH}: {{ (index .Alerts 0).Annotations.summary }}`,
  // It refuses an event without one. They differ where a rule of the user's own has both, and in the test alert.
  severity: '{{ with .CommonLabels.severity }}{{ . }}{{ else }}critical{{ end }}',
  component: '{{ .CommonLabels.service }}',
  class: '{{ .CommonLabels.alertname }}',
  details: { summary: WHAT, runbook: TO_DO },
} as const;

function emailOf(email: NonNullable<AlertReceiver['email']>): TreeMap {
  const { to, from, smarthost, username, passwordSecret, requireTls } = email;
  const login =
    username === undefined || passwordSecret === undefined
      ? {}
      : { auth_username: username, auth_password_file: fileOf(passwordSecret) };
  return { to, from, smarthost, ...login, require_tls: requireTls, send_resolved: true };
}

const fileOf = (secret: string): string => `/run/secrets/${secret}`;
