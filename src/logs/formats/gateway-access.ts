import { levelOfStatus } from '../level.ts';
import { type LogRecord, record } from '../record.ts';
import { isJsonRecord, type JsonRecord, lookUp, textOf } from './values.ts';

/** The header that the gateway gives every request, and Kong's own id where that header was not recorded. */
const REQUEST_ID_PLACES = [
  'request.headers.x-request-id',
  'response.headers.x-request-id',
  'request.id',
] as const;

/** Field of our line <- place in the record of Kong's file-log. */
const SHOWN: Readonly<Record<string, string>> = {
  route: 'route.name',
  ms: 'latencies.request',
  client: 'client_ip',
  consumer: 'consumer.username',
};

/** Whether a record is one of Kong's file-log (and of its siblings): one request, with its latencies. */
export const isGatewayAccess = (json: JsonRecord): boolean =>
  isJsonRecord(lookUp(json, 'latencies')) && isJsonRecord(lookUp(json, 'request'));

/** One request through the gateway. */
export function gatewayAccess(json: JsonRecord): LogRecord {
  const method = textOf(json, ['request.method']) ?? '?';
  const uri = textOf(json, ['request.uri']) ?? '?';
  const status = textOf(json, ['response.status']) ?? '?';
  const fields: Record<string, string> = {};
  for (const [name, place] of Object.entries(SHOWN)) {
    const value = textOf(json, [place]);
    if (value !== null) fields[name] = value;
  }
  const target = lastTarget(lookUp(json, 'tries'));
  if (target !== null) fields.target = target;
  return record({
    level: levelOfStatus(Number(status)),
    message: `${method} ${uri} ${status}`,
    requestId: textOf(json, REQUEST_ID_PLACES),
    fields,
  });
}

/** Who answered in the end; with more than one try, also how many. */
function lastTarget(tries: unknown): string | null {
  if (!Array.isArray(tries)) return null;
  const last: unknown = tries.at(-1);
  if (!isJsonRecord(last)) return null;
  const address = `${textOf(last, ['ip']) ?? '?'}:${textOf(last, ['port']) ?? '?'}`;
  return tries.length === 1 ? address : `${address} (try ${tries.length})`;
}
