/** Alertmanager's webhook body (version 4) -> one record per alert. */
import { isObject, rawText, textOf } from './fields.ts';
import type { Described, JsonObject } from './model.ts';
import { parseSeverity, severityName } from './severity.ts';
import { parseTimestampUs } from './timestamp.ts';

/** The webhook's body is not what Alertmanager sends. */
export class NotAlertmanagerError extends Error {
  constructor(reason: string) {
    super(`not an Alertmanager notification: ${reason}`);
    this.name = 'NotAlertmanagerError';
  }
}

/**
 * Splits a notification, keeping what is said once for the group with each alert.
 * @throws NotAlertmanagerError
 */
export function splitNotification(body: unknown): JsonObject[] {
  if (!isObject(body)) throw new NotAlertmanagerError('the body is not an object');
  const { alerts, receiver, groupKey, externalURL } = body;
  if (!Array.isArray(alerts)) throw new NotAlertmanagerError('"alerts" is not an array');
  return alerts.map((alert: unknown, index) => {
    if (!isObject(alert) || !isObject(alert.labels) || typeof alert.status !== 'string') {
      throw new NotAlertmanagerError(`alert ${index + 1} has no labels or no status`);
    }
    return { ...alert, receiver, groupKey, externalURL };
  });
}

/** What makes two notifications the same: repeats of a firing alert add nothing. */
export function alertIdentity(alert: JsonObject): string {
  const parts = [textOf(alert, 'fingerprint') ?? JSON.stringify(alert.labels), alert.status, alert.startsAt];
  if (alert.status === 'resolved') parts.push(alert.endsAt);
  return JSON.stringify(parts);
}

export function describeAlert(alert: JsonObject): Described {
  const resolved = alert.status === 'resolved';
  const time = resolved ? alert.endsAt : alert.startsAt;
  const name = textOf(alert, 'labels.alertname') ?? 'alert';
  const summary = textOf(alert, 'annotations.summary', 'annotations.description');
  const severity = parseSeverity(textOf(alert, 'labels.severity'));
  const number = resolved ? 9 : severity.number === 0 ? 13 : severity.number;
  return {
    timestampUs: parseTimestampUs(time),
    timestampRaw: rawText(time),
    severityText: severityName(number),
    severityNumber: number,
    body: `${name} ${String(alert.status)}${summary === null ? '' : `: ${summary}`}`,
    source: 'alertmanager',
    kind: 'alert',
    service: textOf(alert, 'labels.service', 'labels.job'),
    route: textOf(alert, 'labels.route'),
    consumer: null,
    requestId: null,
    traceId: null,
    spanId: null,
    method: null,
    path: null,
    status: null,
    durationMs: null,
    upstreamMs: null,
    gatewayMs: null,
    client: null,
  };
}
