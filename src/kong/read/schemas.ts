import { ApictlError, EXIT } from '../../core/errors.ts';
import type { AdminClient } from '../admin/client.ts';
import type { KongFacts } from '../admin/identify.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import { type EntitySchema, FIXED_SCHEMAS, type Schemas } from './entity-schema.ts';

/** Where schemas are kept between runs. Losing it loses nothing but time; what cannot be read is asked for again. */
export interface SchemaCache {
  /** The text kept under this name, or null. */
  readonly read: (name: string) => Promise<string | null>;
  readonly write: (name: string, text: string) => Promise<void>;
}

interface Question {
  readonly key: string;
  readonly path: string;
}

/** What a comparison is about. */
export interface Subjects {
  readonly kinds: readonly Kind[];
  /** Names. */
  readonly plugins: readonly string[];
  /** Names, as `env`. */
  readonly vaults: readonly string[];
}

/** The kinds of these entities, and the names of the plugins and vaults among them. */
export function subjectsOf(
  entities: Iterable<{ readonly kind: Kind; readonly fields: Readonly<Record<string, unknown>> }>,
): Subjects {
  const kinds = new Set<Kind>();
  const names = { plugin: new Set<string>(), vault: new Set<string>() };
  for (const { kind, fields } of entities) {
    kinds.add(kind);
    if (kind === 'plugin' || kind === 'vault') names[kind].add(String(fields.name));
  }
  return { kinds: [...kinds], plugins: [...names.plugin], vaults: [...names.vault] };
}

/**
 * Kong's schemas of these kinds, plugins and vaults; what Kong does not know is left out, for the validation to tell. A cache is kept for each
 * version of Kong with its plugins' versions: schemas change with them and with nothing else.
 */
export async function readSchemas(
  client: AdminClient,
  kong: Pick<KongFacts, 'fingerprint'>,
  { kinds, plugins, vaults }: Subjects,
  cache?: SchemaCache,
): Promise<Schemas> {
  const questions: readonly Question[] = [
    ...kinds
      .filter((kind) => FIXED_SCHEMAS[kind] === undefined)
      .map((kind) => ({ key: `kind ${kind}`, path: `/schemas/${KINDS[kind].entity}` })),
    ...plugins.map((name) => ({
      key: `plugin ${name}`,
      path: `/schemas/plugins/${encodeURIComponent(name)}`,
    })),
    ...vaults.map((name) => ({ key: `vault ${name}`, path: `/schemas/vaults/${encodeURIComponent(name)}` })),
  ];
  const cacheName = `kong-schemas-${kong.fingerprint}.json`;
  const kept = parsed((await cache?.read(cacheName).catch(() => null)) ?? null);
  const missing = questions.filter(({ key }) => kept[key] === undefined);
  const answers = await client.all(missing, async ({ key, path }) => {
    const { status, body } = await client.send('GET', path);
    if (status !== 200) return [];
    if (!isSchema(body)) throw noSchema(path);
    return [[key, body]] as const;
  });
  const found: Record<string, EntitySchema> = { ...kept, ...Object.fromEntries(answers.flat()) };
  if (answers.some((answer) => answer.length > 0)) {
    // A cache that cannot be written makes the next run slower, and this one not worse.
    await cache?.write(cacheName, JSON.stringify(found)).catch(() => {});
  }
  const pick = (names: readonly string[], prefix: string) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const schema = found[`${prefix} ${name}`];
        return schema === undefined ? [] : [[name, schema]];
      }),
    );
  return { kinds: pick(kinds, 'kind'), plugins: pick(plugins, 'plugin'), vaults: pick(vaults, 'vault') };
}

const noSchema = (path: string): ApictlError =>
  new ApictlError({
    code: 'KONG_NOT_KONG',
    exitCode: EXIT.kong,
    message: `GET ${path} was answered with something else than a schema, as Kong never does`,
    object: `GET ${path}`,
    hint: 'Look at what stands between here and Kong; another address is given with --admin-url.',
  });

/** Deeper than any schema of Kong's. */
const MOST_LEVELS = 32;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSchema = (value: unknown): value is EntitySchema =>
  isMap(value) && value.fields !== undefined && areFields(value.fields, MOST_LEVELS);

/** A list of maps from a field's name to what is said of it, which may hold such lists again; an empty one may come as an empty map. */
const areFields = (list: unknown, levels: number): boolean =>
  list === undefined ||
  (isMap(list) && Object.keys(list).length === 0) ||
  (levels > 0 &&
    Array.isArray(list) &&
    list.every((entry) => isMap(entry) && Object.values(entry).every((field) => isField(field, levels - 1))));

const isField = (field: unknown, levels: number): boolean =>
  isMap(field) &&
  areFields(field.fields, levels) &&
  areFields(field.shorthand_fields, levels) &&
  [field.elements, field.values].every(
    (below) => below === undefined || (levels > 0 && isField(below, levels - 1)),
  );

function parsed(text: string | null): Record<string, EntitySchema> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, schema]) => isSchema(schema)));
  } catch {
    return {};
  }
}
