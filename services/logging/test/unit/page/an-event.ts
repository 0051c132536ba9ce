/** An event of which a test says only what matters to it. */
import type { EventDocument } from '../../../web/api/answers.ts';

export function anEvent(differs: Partial<EventDocument> = {}): EventDocument {
  return {
    id: '0000000000000001',
    sequence: 1,
    timestamp: '2026-01-01T12:00:00.000000Z',
    timestamp_raw: null,
    observed_timestamp: '2026-01-01T12:00:00.500000Z',
    severity_text: 'INFO',
    severity_number: 9,
    body: 'a line',
    source: 'backend-1',
    kind: 'log',
    channel: 'http',
    request_id: null,
    trace_id: null,
    span_id: null,
    'service.name': null,
    'http.route': null,
    'user.name': null,
    'http.request.method': null,
    'url.path': null,
    'http.response.status_code': null,
    'client.address': null,
    duration_ms: null,
    upstream_ms: null,
    gateway_ms: null,
    attributes: {},
    ...differs,
  };
}
