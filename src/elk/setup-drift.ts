import type { Http } from '../core/ports/http.ts';
import type { Secret } from '../core/secret.ts';

/** What the setup job puts into Elasticsearch: the path of the API, and the body. */
export interface WantedObject {
  readonly path: string;
  readonly body: unknown;
}

/** An object of the setup that is not as the job leaves it. */
export interface SetupDifference {
  /** The path of the API, as `/_ilm/policy/apictl-logs`; in Kibana type and id, as `dashboard apictl-platform`. */
  readonly path: string;
  /** `missing`, or where in it the first difference lies, as `policy.phases.delete.min_age`. */
  readonly what: string;
}

export interface ElasticsearchAccess {
  /** As `http://127.0.0.1:9200`. */
  readonly url: string;
  /** Of the user elastic. */
  readonly password: Secret;
}

/** The users that the job makes; each has the one role of its name. */
const USERS = ['logstash_writer', 'logging_writer', 'exporter', 'kibana_setup'];

/** `/path file` on each line -> the objects, the retention filled in. */
export function wantedObjects(
  list: string,
  contentOf: (file: string) => string,
  retention: string,
): readonly WantedObject[] {
  const objects = list
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', file = ''] = line.split(' ');
      return { path, body: JSON.parse(contentOf(file).replace('@RETENTION@', retention)) as unknown };
    });
  const users = USERS.map((name) => ({
    path: `/_security/user/${name}`,
    body: { roles: [name], enabled: true },
  }));
  return [...objects, ...users];
}

/**
 * Asks Elasticsearch for each object.
 * @throws ApictlError HTTP_UNREACHABLE; Error when an answer is neither the object nor that there is none
 */
export async function setupDrift(
  http: Http,
  { url, password }: ElasticsearchAccess,
  wanted: readonly WantedObject[],
): Promise<readonly SetupDifference[]> {
  const authorization = `Basic ${Buffer.from(`elastic:${password.reveal()}`).toString('base64')}`;
  const found = await Promise.all(
    wanted.map(async ({ path, body }): Promise<SetupDifference | undefined> => {
      const { status, body: text } = await http.request({
        method: 'GET',
        url: `${url}${path}`,
        headers: { authorization },
      });
      if (status === 404) return { path, what: 'missing' };
      if (status !== 200) throw new Error(`GET ${path} answered ${status}`);
      const what = firstDifference(body, objectIn(path, JSON.parse(text)));
      return what === undefined ? undefined : { path, what };
    }),
  );
  return found.filter((difference) => difference !== undefined);
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object in the answer: templates stand in a list, everything else under its name. */
function objectIn(path: string, answer: unknown): unknown {
  const [kind = '', name = ''] = path.split('/').slice(-2);
  if (!isTree(answer)) return undefined;
  const list = answer[`${kind.slice(1)}s`];
  if (!Array.isArray(list)) return answer[name];
  return (list.find((entry) => isTree(entry) && entry.name === name) as Tree | undefined)?.[kind.slice(1)];
}

/** Maps whose keys are all ours: one more in them is a difference. Elsewhere Elasticsearch adds its defaults. */
const WHOLE: ReadonlySet<string> = new Set(['properties', 'phases', 'actions', 'references']);

/** Where the live object first differs from the wanted one, undefined where it has everything that is wanted. Pure. */
export function firstDifference(wanted: unknown, live: unknown): string | undefined {
  return difference(nested(wanted), nested(live), []);
}

function difference(wanted: unknown, live: unknown, at: readonly string[]): string | undefined {
  const here = at.join('.');
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live) || live.length !== wanted.length) return here;
    return first(wanted.map((value, index) => difference(value, live[index], [...at, String(index)])));
  }
  // Settings come back as texts.
  if (!isTree(wanted)) return String(wanted) === String(live) ? undefined : here;
  if (!isTree(live)) return here;
  const added = WHOLE.has(at.at(-1) ?? '') ? Object.keys(live).filter((name) => !(name in wanted)) : [];
  return first([
    ...Object.entries(wanted).map(([name, value]) => difference(value, live[name], [...at, name])),
    ...added.map((name) => [...at, name].join('.')),
  ]);
}

const first = (found: readonly (string | undefined)[]): string | undefined =>
  found.find((place) => place !== undefined);

/** `{"index.a": 1}` as `{"index": {"a": 1}}`, the form in which settings come back. */
function nested(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nested);
  if (!isTree(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const names = key.split('.');
    const last = names.pop() ?? '';
    let place = result;
    for (const name of names) {
      const known = place[name];
      const next: Record<string, unknown> = isTree(known) ? { ...known } : {};
      place[name] = next;
      place = next;
    }
    place[last] = nested(inner);
  }
  return result;
}
