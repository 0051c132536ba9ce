/** An event as a row, as a list of fields, and as the record it was made from. */
import type { EventDocument } from '../api/answers.ts';
import type { FilterName } from './search.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'none';

/** OpenTelemetry's severity numbers, in the steps that are told apart by colour. */
export function levelOf({ severity_number: number }: { readonly severity_number: number }): Level {
  if (number >= 17) return 'error';
  if (number >= 13) return 'warn';
  if (number >= 9) return 'info';
  return number > 0 ? 'debug' : 'none';
}

/** What stands where the level stands: a request says more by its status. */
export function badgeOf(event: EventDocument): string {
  const status = event['http.response.status_code'];
  if (event.kind === 'access' && status !== null) return String(status);
  return (event.severity_text ?? '').toLowerCase().slice(0, 8) || '–';
}

/** The instance that wrote it, unless its service says the same. */
export function originOf(event: EventDocument): string {
  const service = event['service.name'];
  return service === null || service === event.source ? event.source : `${event.source} · ${service}`;
}

export interface Field {
  readonly name: string;
  readonly value: string;
  /** How to search for this value; undefined where one cannot. */
  readonly filter: { readonly name: FilterName; readonly value: string } | undefined;
}

/** In the order of the list: what one looks for first. */
const FILTER_OF: readonly (readonly [keyof EventDocument, FilterName | undefined])[] = [
  ['timestamp', undefined],
  ['timestamp_raw', undefined],
  ['observed_timestamp', undefined],
  ['severity_text', 'level'],
  ['source', 'source'],
  ['service.name', 'service'],
  ['http.route', 'route'],
  ['user.name', 'consumer'],
  ['http.request.method', 'method'],
  ['url.path', 'path'],
  ['http.response.status_code', 'status'],
  ['request_id', 'request_id'],
  ['trace_id', 'trace_id'],
  ['span_id', undefined],
  ['client.address', undefined],
  ['duration_ms', undefined],
  ['upstream_ms', undefined],
  ['gateway_ms', undefined],
  ['kind', 'kind'],
  ['channel', undefined],
  ['id', undefined],
  ['sequence', undefined],
];

/** The fields that an event has, apart from its text and its record. */
export function fieldsOf(event: EventDocument): Field[] {
  return FILTER_OF.flatMap(([name, filter]) => {
    const value = event[name];
    if (value === null || value === undefined || value === '') return [];
    const text = String(value);
    // A level that the service could not place is none that it can search for.
    if (name === 'severity_text' && levelOf(event) === 'none')
      return [{ name, value: text, filter: undefined }];
    return [{ name, value: text, filter: filter === undefined ? undefined : { name: filter, value: text } }];
  });
}

const MAX_ATTRIBUTES = 500;

/** A name that the API can look up: written flat, or one object inside the other. */
function attributeFilter(path: readonly string[], value: string): Field['filter'] {
  const name = path.join('.');
  const isReachable = path.length === 1 || path.every((part) => !part.includes('.'));
  if (!isReachable || !/^[^="\\\p{Cc}]{1,256}$/u.test(name) || value.length > 400) return undefined;
  return { name: 'attribute', value: `${name}=${value}` };
}

function* leaves(value: unknown, path: readonly string[], isInArray: boolean): Generator<Field> {
  if (typeof value === 'object' && value !== null) {
    const isArray = Array.isArray(value);
    for (const [name, inner] of Object.entries(value)) {
      yield* leaves(inner, [...path, name], isInArray || isArray);
    }
    return;
  }
  const text = String(value);
  const filter = isInArray || value === null ? undefined : attributeFilter(path, text);
  yield { name: path.join('.'), value: text, filter };
}

/** Every value of the record as received, by its path; `isCut` where there are more than are shown. */
export function attributesOf(event: EventDocument): {
  readonly fields: readonly Field[];
  readonly isCut: boolean;
} {
  const fields: Field[] = [];
  for (const field of leaves(event.attributes, [], false)) {
    if (fields.length === MAX_ATTRIBUTES) return { fields, isCut: true };
    fields.push(field);
  }
  return { fields, isCut: false };
}

/** The record as text, indented. */
export function recordText(event: EventDocument): string {
  return typeof event.attributes === 'string' ? event.attributes : JSON.stringify(event.attributes, null, 2);
}
