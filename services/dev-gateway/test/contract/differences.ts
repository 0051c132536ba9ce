/** Compares an answer with a recorded one, apart from what differs from one gateway to the next. */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const HASH = /^[0-9a-f]{40}$/;
const GENERATED_KEY = /^[A-Za-z0-9]{32}$/;
const SIZE = /^\d+(\.\d+)? [KMG]iB$/;

/** Numbers that belong to a moment, a process or a connection. */
const MOMENTARY = new Set([
  'created_at',
  'updated_at',
  'pid',
  'connections_accepted',
  'connections_active',
  'connections_handled',
  'connections_reading',
  'connections_waiting',
  'connections_writing',
  'total_requests',
]);
/** Texts that name one gateway or one request. */
const OWN_TEXTS = new Set([
  'request_id',
  'x-kong-request-id',
  'via',
  'version',
  'offset',
  'x-forwarded-port',
  'server',
]);
/** The shared memory of Kong's web server has no counterpart elsewhere. */
const OWN_RECORDS = new Set(['lua_shared_dicts']);

/** Which recorded identifier stands for which one of this run; the same one always for the same. */
export class Identifiers {
  readonly #pairs: Map<string, string>;

  constructor(pairs: ReadonlyMap<string, string> = new Map()) {
    this.#pairs = new Map(pairs);
  }

  matches(recorded: string, actual: string): boolean {
    const known = this.#pairs.get(recorded);
    if (known === undefined) this.#pairs.set(recorded, actual);
    return known === undefined || known === actual;
  }

  copy(): Identifiers {
    return new Identifiers(this.#pairs);
  }

  become(other: Identifiers): void {
    this.#pairs.clear();
    for (const [recorded, actual] of other.#pairs) this.#pairs.set(recorded, actual);
  }
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
};

const withoutOffset = (text: string): string => text.replace(/offset=[^&]*/, 'offset=');
const withoutRequestId = (text: string): string => text.replace(/request_id: [0-9a-f]{32}/, 'request_id: #');

function textDifference(recorded: string, actual: string, key: string, ids: Identifiers): boolean {
  if (OWN_TEXTS.has(key)) return false;
  if (key === 'password' && HASH.test(recorded)) return !HASH.test(actual);
  if (key === 'key' && GENERATED_KEY.test(recorded))
    return !(GENERATED_KEY.test(actual) && ids.matches(recorded, actual));
  if (SIZE.test(recorded)) return !SIZE.test(actual);
  const [before, after] =
    key === 'next'
      ? [withoutOffset(recorded), withoutOffset(actual)]
      : [withoutRequestId(recorded), withoutRequestId(actual)];
  if (before.replaceAll(UUID, '#') !== after.replaceAll(UUID, '#')) return true;
  const [oldIds, newIds] = [before.match(UUID) ?? [], after.match(UUID) ?? []];
  return oldIds.some((id, index) => !ids.matches(id, newIds[index] ?? ''));
}

function listDifferences(
  recorded: readonly unknown[],
  actual: readonly unknown[],
  path: string,
  ids: Identifiers,
): string[] {
  if (recorded.length !== actual.length)
    return [`${path}: ${recorded.length} entries recorded, ${actual.length} now: ${show(actual)}`];
  const left = [...actual];
  for (const [index, item] of recorded.entries()) {
    const found = left.findIndex((candidate) => {
      const trial = ids.copy();
      const isSame = differences(item, candidate, `${path}[${index}]`, trial).length === 0;
      if (isSame) ids.become(trial);
      return isSame;
    });
    if (found === -1) {
      const [closest] = left;
      return left.length === 1
        ? differences(item, closest, `${path}[${index}]`, ids)
        : [`${path}[${index}]: no entry like ${show(item)} in ${show(left)}`];
    }
    left.splice(found, 1);
  }
  return [];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What differs between a recorded value and one of now, each with its path; an empty list when nothing does. */
export function differences(recorded: unknown, actual: unknown, path: string, ids: Identifiers): string[] {
  const key = path.slice(path.lastIndexOf('.') + 1);
  if (OWN_RECORDS.has(key) && isRecord(recorded) && isRecord(actual)) return [];
  if (typeof recorded === 'number' && typeof actual === 'number' && MOMENTARY.has(key)) return [];
  if (typeof recorded === 'string' && typeof actual === 'string') {
    return textDifference(recorded, actual, key, ids)
      ? [`${path}: ${show(recorded)} recorded, ${show(actual)} now`]
      : [];
  }
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    // Of a list of processes only the shape is the same everywhere.
    const [now] = actual;
    if (key === 'workers_lua_vms')
      return recorded.slice(0, 1).flatMap((item) => differences(item, now, `${path}.0`, ids));
    return listDifferences(recorded, actual, path, ids);
  }
  if (isRecord(recorded) && isRecord(actual)) {
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(actual)])];
    return names.flatMap((name) => {
      if (!(name in recorded)) return [`${path}.${name}: not recorded, ${show(actual[name])} now`];
      if (!(name in actual)) return [`${path}.${name}: ${show(recorded[name])} recorded, nothing now`];
      return differences(recorded[name], actual[name], `${path}.${name}`, ids);
    });
  }
  return Object.is(recorded, actual) ? [] : [`${path}: ${show(recorded)} recorded, ${show(actual)} now`];
}
