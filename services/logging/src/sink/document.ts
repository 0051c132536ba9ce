/** An event of the store -> a document with the names of Elastic's common schema. */
import { formatTimestampUs } from '../event/timestamp.ts';
import { toEvent } from '../query/documents.ts';
import type { Row } from '../store/port.ts';

export interface ShippedDocument {
  readonly sequence: number;
  readonly id: string;
  /** JSON without line breaks: nothing in it can become a line of its own in a bulk request. */
  readonly json: string;
}

export function toShipped(row: Row): ShippedDocument {
  const event = toEvent(row);
  const fields: Record<string, unknown> = {
    '@timestamp': event.timestamp,
    message: event.body,
    'log.level': event.severity_text?.toLowerCase(),
    'event.id': event.id,
    'event.kind': event.kind === 'alert' ? 'alert' : 'event',
    'event.ingested': formatTimestampUs(Number(row.observed)),
    // As text: fields that senders invent would otherwise become mappings without end.
    'event.original': String(row.attributes),
    'event.duration': event.duration_ms === null ? null : Math.round(event.duration_ms * 1e6),
    'service.name': event['service.name'],
    'service.node.name': event.source,
    'http.request.method': event['http.request.method'],
    'http.request.id': event.request_id,
    'http.response.status_code': event['http.response.status_code'],
    'http.route': event['http.route'],
    'url.path': event['url.path'],
    'client.address': event['client.address'],
    'user.name': event['user.name'],
    'trace.id': event.trace_id,
    'span.id': event.span_id,
  };
  const present = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return { sequence: event.sequence, id: event.id, json: JSON.stringify(Object.fromEntries(present)) };
}
