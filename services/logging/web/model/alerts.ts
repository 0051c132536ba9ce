/** Alerts as Alertmanager told them, each by its newest notification. */
import type { AlertDocument } from '../api/answers.ts';
import { between } from './range.ts';
import { addressQuery, EMPTY_SEARCH } from './search.ts';

export interface Alert {
  readonly id: string;
  readonly name: string;
  readonly isFiring: boolean;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
  readonly startsAt: string | null;
  /** null while it fires. */
  readonly endsAt: string | null;
  readonly receivedAt: string;
  /** Apart from its name and severity. */
  readonly labels: readonly (readonly [string, string])[];
}

const textOf = (values: Readonly<Record<string, unknown>>, name: string): string =>
  Object.hasOwn(values, name) ? String(values[name]) : '';

/** Alertmanager writes the year 1 for an end that has not come. */
function endOf({ status, ends_at }: AlertDocument): string | null {
  if (status !== 'resolved' || ends_at === null || Date.parse(ends_at) < 0) return null;
  return Number.isNaN(Date.parse(ends_at)) ? null : ends_at;
}

export function toAlert(document: AlertDocument): Alert {
  const { labels, annotations } = document;
  return {
    id: document.id,
    name: textOf(labels, 'alertname') || 'alert without a name',
    isFiring: document.status === 'firing',
    severity: textOf(labels, 'severity'),
    summary: textOf(annotations, 'summary'),
    description: textOf(annotations, 'description'),
    startsAt: document.starts_at,
    endsAt: endOf(document),
    receivedAt: document.received_at,
    labels: Object.entries(labels)
      .filter(([name]) => name !== 'alertname' && name !== 'severity')
      .map(([name, value]) => [name, String(value)] as const),
  };
}

/** What fires comes first, and the newest of it. */
export function sorted(documents: readonly AlertDocument[]): Alert[] {
  return documents
    .map(toAlert)
    .sort(
      (one, other) =>
        Number(other.isFiring) - Number(one.isFiring) || other.receivedAt.localeCompare(one.receivedAt),
    );
}

const BEFORE_MS = 300_000;

/** The logs around an alert: from a little before its begin to its end, of its service where it names one. */
export function searchAround(alert: Alert, nowMs: number): URLSearchParams {
  const start = Date.parse(alert.startsAt ?? alert.receivedAt);
  const end = alert.endsAt === null ? nowMs : Date.parse(alert.endsAt);
  const service = alert.labels.find(([name]) => name === 'service')?.[1];
  return addressQuery({
    ...EMPTY_SEARCH,
    range: between(start - BEFORE_MS, Math.max(end, start + BEFORE_MS)),
    filters: service === undefined ? {} : { service: [service] },
  });
}
