import * as z from 'zod';
import type { Http } from '../core/ports/http.ts';
import type { Secret } from '../core/secret.ts';
import { firstDifference, type SetupDifference } from './setup-drift.ts';

/** A stored object of Kibana, as far as it says what is shown. */
const storedSchema = z.object({
  type: z.string(),
  id: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  references: z.array(z.object({ name: z.string(), type: z.string(), id: z.string() })).default([]),
});
export type StoredObject = z.output<typeof storedSchema>;

export interface KibanaAccess {
  /** As `http://127.0.0.1:5601`. */
  readonly url: string;
  /** Who may manage saved objects. */
  readonly user: string;
  readonly password: Secret;
}

/** One object on each line. @throws ZodError, SyntaxError where a line is none */
export const storedObjects = (text: string): readonly StoredObject[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => storedSchema.parse(JSON.parse(line)));

/**
 * Asks Kibana for every object of the wanted types. When it was changed, by whom and in which version says nothing of its content,
 * and attributes that Kibana adds are none of ours.
 * @throws ApictlError HTTP_UNREACHABLE; Error when Kibana does not answer with objects
 */
export async function kibanaDrift(
  http: Http,
  { url, user, password }: KibanaAccess,
  wanted: readonly StoredObject[],
): Promise<readonly SetupDifference[]> {
  const path = '/api/saved_objects/_export';
  const { status, body } = await http.request({
    method: 'POST',
    url: `${url}${path}`,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`,
      'content-type': 'application/json',
      'kbn-xsrf': 'true',
    },
    body: JSON.stringify({
      type: [...new Set(wanted.map(({ type }) => type))],
      excludeExportDetails: true,
    }),
  });
  if (status !== 200) throw new Error(`POST ${path} answered ${status}: ${body.slice(0, 300)}`);
  const live = new Map(storedObjects(body).map((object) => [keyOf(object), object]));
  return wanted.flatMap((object) => {
    const found = live.get(keyOf(object));
    const what = found === undefined ? 'missing' : firstDifference(comparable(object), comparable(found));
    return what === undefined ? [] : [{ path: keyOf(object), what }];
  });
}

const keyOf = ({ type, id }: StoredObject): string => `${type} ${id}`;

/** Attributes that are texts of JSON as what they say, references in one order. */
const comparable = ({ attributes, references }: StoredObject): unknown => ({
  attributes: unpacked(attributes),
  references: Object.fromEntries(references.map(({ name, type, id }) => [name, `${type} ${id}`])),
});

function unpacked(value: unknown): unknown {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    try {
      return unpacked(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unpacked(inner)]));
}
