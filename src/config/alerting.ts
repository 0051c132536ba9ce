import * as z from 'zod';
import { duration } from './scalars.ts';

/** When alerts fire, and who is told. */

const ratio = z.number().gt(0).lt(1);

/** The prefix keeps a receiver from being given another secret of the stack. */
const secretName = z
  .string()
  .regex(/^alert-[a-z0-9][a-z0-9-]{0,50}$/, 'must begin with "alert-", as "alert-slack-url"')
  .describe('Name of a file in secrets/values; "apictl secrets set NAME" writes it.');

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const webhook = z
  .strictObject({
    url: url.optional().describe('Where alerts are posted, in Alertmanager’s format.'),
    urlSecret: secretName.optional(),
    bearerSecret: secretName.optional(),
  })
  .refine((given) => (given.url === undefined) !== (given.urlSecret === undefined), {
    error: 'needs either url or urlSecret',
  });

const slack = z.strictObject({
  urlSecret: secretName,
  channel: z.string().min(1).optional().describe('Default: the channel of the incoming webhook.'),
});

const pagerduty = z.strictObject({
  routingKeySecret: secretName,
  url: url
    .optional()
    .describe(
      'Where events are posted. Default: PagerDuty’s own address; the EU region and proxies have another.',
    ),
});

const email = z
  .strictObject({
    to: z.string().min(3),
    from: z.string().min(3),
    smarthost: z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port, as "smtp.example.com:587"'),
    username: z.string().min(1).optional(),
    passwordSecret: secretName.optional(),
    requireTls: z.boolean().default(true),
  })
  .refine((given) => (given.username === undefined) === (given.passwordSecret === undefined), {
    error: 'needs username and passwordSecret together, or neither',
  });

const KINDS = ['webhook', 'slack', 'pagerduty', 'email'] as const;
export const ALERT_SEVERITIES = ['critical', 'warning'] as const;
/** What the watchdog has, which always fires. */
const NO_SEVERITY = 'none';

const receiver = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and -')
      .refine((name) => name !== 'logging', 'is the receiver that the stack has already'),
    severities: z
      .array(z.enum([...ALERT_SEVERITIES, NO_SEVERITY]))
      .min(1)
      .default([...ALERT_SEVERITIES])
      .describe('`none` is the watchdog’s, which always fires.'),
    repeatInterval: duration
      .optional()
      .describe('After how long this receiver is told again. Default: that of alerting.'),
    webhook: webhook.optional(),
    slack: slack.optional(),
    pagerduty: pagerduty.optional(),
    email: email.optional(),
  })
  .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, {
    error: `needs one of ${KINDS.join(', ')}`,
  });

export type AlertReceiver = z.output<typeof receiver>;

export const alerting = z
  .strictObject({
    interval: z
      .string()
      .regex(/^(?:[5-9]|1[0-5])s$/, 'must be 5s to 15s: the rules count on nothing slower')
      .default('15s')
      .describe('How often Prometheus asks every service and judges the rules.'),
    window: duration
      .default('5m')
      .describe('Time over which error ratios are judged; at least four times interval.'),
    errorRatio: ratio
      .default(0.1)
      .describe('Part of the gateway’s answers that may be 5xx before HighErrorRate.'),
    loggingErrorRatio: ratio
      .default(0.05)
      .describe('Part of the logging service’s events that may fail before LoggingHighErrorRate.'),
    latencyP99Ms: z
      .int()
      .min(1)
      .default(2000)
      .describe('Milliseconds that the slowest hundredth of a route’s requests may take before HighLatency.'),
    availability: ratio
      .default(0.999)
      .describe('Part of the requests that shall succeed: the error budget of the burn-rate alerts.'),
    groupWait: z
      .string()
      .regex(/^(?:[1-9]\d?s|[1-5]m)$/, 'must be 1s to 99s, or 1m to 5m')
      .default('10s')
      .describe('How long Alertmanager waits for more of the same kind before it tells of an alert.'),
    groupInterval: duration
      .default('1m')
      .describe(
        'How long it waits before it tells that more has come to what was told, or that something has ended.',
      ),
    repeatInterval: duration.default('4h').describe('After how long it tells again what still fires.'),
    receivers: z
      .array(receiver)
      .default([])
      .describe('Who is told of alerts, besides the logging service: see [alerting](alerting.md).'),
    rules: z
      .array(
        z.string().regex(/^(?!.*(?:^|\/)\.\.\/)[^/].*\.ya?ml$/, 'must be a YAML file below the project root'),
      )
      .default([])
      .describe('Files with alert and recording rules of your own, in Prometheus’ format.'),
  })
  .describe('When the alert rules fire, and who is told.');

/** The secrets that receivers name, each with the receiver that reads it. They are given by the user, never generated. */
export const receiverSecrets = (receivers: readonly AlertReceiver[]): { name: string; receiver: string }[] =>
  receivers.flatMap(({ name: of, webhook: hook, slack: chat, pagerduty: pager, email: mail }) =>
    [
      hook?.urlSecret,
      hook?.bearerSecret,
      chat?.urlSecret,
      pager?.routingKeySecret,
      mail?.passwordSecret,
    ].flatMap((name) => (name === undefined ? [] : [{ name, receiver: of }])),
  );
