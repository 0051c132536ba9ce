/** Look-ups in a JSON record that nobody has vouched for. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export const isJsonRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Finds `a.b` as a flat name with a dot or as nested records; inherited properties do not count. */
export function lookUp(from: JsonRecord, path: string): unknown {
  if (Object.hasOwn(from, path)) return from[path];
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const head = path.slice(0, dot);
  const inner = Object.hasOwn(from, head) ? from[head] : undefined;
  return isJsonRecord(inner) ? lookUp(inner, path.slice(dot + 1)) : undefined;
}

/** The first of several names that holds text or a number, as text; null where none does. */
export function textOf(from: JsonRecord, paths: readonly string[]): string | null {
  for (const path of paths) {
    const value = lookUp(from, path);
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

/** The names under which loggers keep the id of a request. */
export const REQUEST_ID_NAMES = [
  'request_id',
  'requestId',
  'x-request-id',
  'correlation_id',
  'http.request.id',
  'request.id',
] as const;
