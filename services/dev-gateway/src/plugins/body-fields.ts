/** Fields of the bodies of requests: of JSON objects and of forms. */
import type { Exchange } from '../proxy/exchange.ts';
import { queryArgument, withoutQueryArgument } from './query-string.ts';

export type BodyKind = 'json' | 'form';

/** What a plugin can look into; undefined for every other type of content. */
export function bodyKind(exchange: Exchange): BodyKind | undefined {
  const type = (exchange.headers.get('content-type') ?? '').toLowerCase();
  if (type.startsWith('application/json')) return 'json';
  return type.startsWith('application/x-www-form-urlencoded') ? 'form' : undefined;
}

/** The object of a JSON body; undefined when it is anything else. */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const currentBody = async (exchange: Exchange): Promise<Buffer | undefined> =>
  exchange.newBody ?? (await exchange.readBody());

/** The text of a field. */
export async function bodyField(exchange: Exchange, name: string): Promise<string | undefined> {
  const kind = bodyKind(exchange);
  const bytes = kind === undefined ? undefined : await currentBody(exchange);
  if (bytes === undefined) return undefined;
  if (kind === 'form') return queryArgument(bytes.toString('utf8'), name);
  const object = parseJsonObject(bytes);
  const value = object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Takes a field out of what goes to the service. */
export async function removeBodyField(exchange: Exchange, name: string): Promise<void> {
  const kind = bodyKind(exchange);
  const bytes = kind === undefined ? undefined : await currentBody(exchange);
  if (bytes === undefined) return;
  if (kind === 'form') {
    exchange.newBody = Buffer.from(withoutQueryArgument(bytes.toString('utf8'), name) ?? '');
    return;
  }
  const object = parseJsonObject(bytes);
  if (object === undefined || !Object.hasOwn(object, name)) return;
  const { [name]: _removed, ...rest } = object;
  exchange.newBody = Buffer.from(JSON.stringify(rest));
}
