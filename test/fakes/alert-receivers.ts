/**
 * Those whom Alertmanager tells over HTTP, by hand: Slack's incoming webhooks, PagerDuty's Events API 2 and a webhook of one's own.
 * They keep what they are told and refuse what the real ones document that they refuse.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const slackMessage = z.object({
  channel: z.string().optional(),
  attachments: z.array(z.object({ title: z.string().min(1), text: z.string().min(1), color: z.string() })),
});

/** https://developer.pagerduty.com/docs/send-alert-event */
const pagerdutyEvent = z.object({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255),
  payload: z.object({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    component: z.string(),
    class: z.string(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
});

/** Alertmanager's own format, version 4. */
const notification = z.object({
  version: z.literal('4'),
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});

export type SlackMessage = z.output<typeof slackMessage>;
export type PagerdutyEvent = z.output<typeof pagerdutyEvent>;
export type Notification = z.output<typeof notification>;

export interface Credentials {
  /** The secret part of Slack's address, as `/services/T0/B0/abc`. */
  readonly slackPath: string;
  readonly routingKey: string;
  readonly bearer: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const refusal = (status: number, body: string): Answer => ({ status, body });

export interface AlertReceivers {
  /** As `http://127.0.0.1:4711`. */
  readonly url: string;
  readonly slack: SlackMessage[];
  readonly pagerduty: PagerdutyEvent[];
  readonly webhook: Notification[];
  /** What the stack's logging service is told. */
  readonly logging: Notification[];
  /** Bodies of all requests, also of those that were refused. */
  readonly bodies: string[];
  close(): Promise<void>;
}

export async function startAlertReceivers({
  slackPath,
  routingKey,
  bearer,
}: Credentials): Promise<AlertReceivers> {
  const slack: SlackMessage[] = [];
  const pagerduty: PagerdutyEvent[] = [];
  const webhook: Notification[] = [];
  const logging: Notification[] = [];
  const bodies: string[] = [];

  function take<T>(schema: z.ZodType<T>, body: string, kept: T[], { status, body: text }: Answer): Answer {
    const read = schema.safeParse(JSON.parse(body));
    if (!read.success) return refusal(400, z.prettifyError(read.error));
    kept.push(read.data);
    return { status, body: text };
  }

  function answer(path: string, authorization: string | undefined, body: string): Answer {
    if (path === '/v1/alerts') return take(notification, body, logging, { status: 200, body: '{}' });
    if (path === slackPath) return take(slackMessage, body, slack, { status: 200, body: 'ok' });
    if (path.startsWith('/services/')) return refusal(403, 'invalid_token');
    if (path === '/v2/enqueue') {
      const { routing_key } = JSON.parse(body) as { routing_key: unknown };
      // As for a key of the right length that nobody has.
      if (routing_key !== routingKey)
        return refusal(400, '{"status":"invalid event","message":"Event object is invalid"}');
      return take(pagerdutyEvent, body, pagerduty, { status: 202, body: '{"status":"success"}' });
    }
    if (path !== '/in') return refusal(404, 'nobody is here');
    if (authorization !== `Bearer ${bearer}`) return refusal(401, 'who are you?');
    return take(notification, body, webhook, { status: 204, body: '' });
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      bodies.push(body);
      const { status, body: text } = answer(request.url ?? '', request.headers.authorization, body);
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ slack, pagerduty, webhook, logging, bodies },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
