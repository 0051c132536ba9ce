import { Document, isScalar, Scalar, visit } from 'yaml';
import type { Entity } from './admin-client.ts';
import { identifyKong } from './admin-identify.ts';
import { canonicalEntity } from './canonical.ts';
import { FIXED_SCHEMAS, type Schemas } from './entity-schema.ts';
import { ownerTags } from './identity.ts';
import { ALL_KINDS, KINDS, type Kind } from './kinds.ts';
import { readLiteral, withTargetsOf } from './read.ts';
import { readSchemas } from './read-schemas.ts';
import { Sealed } from './sealed.ts';
import { clientOf, type KongAccess } from './seed.ts';
import { comparable, type Fields, isFields, type Value } from './value.ts';

export interface DumpInput extends KongAccess {
  readonly project: string;
  /** Also what is not ours. */
  readonly all?: boolean;
  /** Write secrets in clear instead of placeholders. Whoever asks for it must keep the text as a secret. */
  readonly reveal?: boolean;
}

export interface Dump {
  /** A declaration that `seed` and decK read. */
  readonly text: string;
  /** The environment variables that stand for the secrets in it, empty with `reveal`. */
  readonly variables: readonly string[];
  readonly entities: number;
}

type Node = Record<string, unknown>;

const NESTED: Readonly<Partial<Record<Kind, string>>> = {
  target: 'targets',
  sni: 'snis',
  'key-auth': 'keyauth_credentials',
  'basic-auth': 'basicauth_credentials',
  jwt: 'jwt_secrets',
  'hmac-auth': 'hmacauth_credentials',
  oauth2: 'oauth2_credentials',
  acl: 'acls',
};

/**
 * Kong's state as a declaration in decK's format. What equals Kong's defaults is left out. A secret is written as
 * `${{ env "DECK_..." }}`, which decK and apictl both fill in.
 *
 * @throws ApictlError as `seedPlan` for a Kong that cannot be used.
 */
export async function seedDump(input: DumpInput): Promise<Dump> {
  const client = clientOf(input);
  const kong = await identifyKong(client, input.admin.url);
  const tags = input.all === true ? [] : ownerTags(input.project);
  const listed = await readLiteral(client, { tags, upstreams: [] });
  const names = (listed.get('upstream') ?? []).map(({ name }) => String(name));
  const state = await withTargetsOf(client, listed, { tags, upstreams: names });
  const kinds = ALL_KINDS.filter((kind) => (state.get(kind) ?? []).length > 0);
  const plugins = [...new Set((state.get('plugin') ?? []).map(({ name }) => String(name)))];
  const schemas = await readSchemas(client, kong, kinds, plugins, input.schemaCache);
  const variables = new Set<string>();
  const root = treeOf(state, schemas, { ...input, variables });
  return {
    text: yamlOf(root),
    variables: [...variables],
    entities: [...state.values()].reduce((sum, entities) => sum + entities.length, 0),
  };
}

interface Style {
  readonly project: string;
  readonly reveal?: boolean;
  readonly variables: Set<string>;
}

function treeOf(state: ReadonlyMap<Kind, readonly Entity[]>, schemas: Schemas, style: Style): Node {
  const nodes = new Map<string, { readonly kind: Kind; readonly node: Node }>();
  const root: Node = { _format_version: '3.0' };
  const push = (target: Node, list: string, node: Node) => {
    const items = (target[list] ?? []) as Node[];
    items.push(node);
    target[list] = items;
  };
  for (const kind of ALL_KINDS) {
    for (const entity of ordered(kind, state.get(kind) ?? [])) {
      const references = Object.keys(KINDS[kind].references).flatMap((field) => {
        const { id } = (entity[field] ?? {}) as { id?: string };
        return id === undefined ? [] : [{ field, id, parent: nodes.get(id) }];
      });
      const [only] = references;
      const node = nodeOf(kind, entity, schemas, style, nameOf(only?.parent?.node));
      nodes.set(entity.id, { kind, node });
      const list = NESTED[kind] ?? (kind === 'plugin' ? 'plugins' : kind === 'route' ? 'routes' : undefined);
      const isNested = list !== undefined && references.length === 1 && only?.parent !== undefined;
      if (!isNested) {
        for (const { field, id, parent } of references) {
          const name = nameOf(parent?.node);
          node[field] = name !== undefined && kind === 'plugin' ? name : { id };
        }
      }
      if (isNested && only?.parent !== undefined) push(only.parent.node, list, node);
      else push(root, `${KINDS[kind].entity}`, node);
    }
  }
  return root;
}

const nameOf = (node: Node | undefined): string | undefined => {
  const name = node?.name ?? node?.username;
  return typeof name === 'string' ? name : undefined;
};

/** By name, so that two dumps of the same state are the same text. */
const ordered = (kind: Kind, entities: readonly Entity[]): readonly Entity[] => {
  const key = (entity: Entity) => `${String(entity[KINDS[kind].nameField ?? 'name'] ?? '')} ${entity.id}`;
  return [...entities].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

function nodeOf(
  kind: Kind,
  entity: Entity,
  schemas: Schemas,
  style: Style,
  parentName: string | undefined,
): Node {
  const given = entity as unknown as Fields;
  const canonical = canonicalEntity(kind, given, schemas);
  const bare: Fields = kind === 'plugin' ? { name: given.name ?? null } : {};
  const defaults = canonicalEntity(kind, bare, schemas);
  const node: Node = {};
  const { nameField, references, volatile } = KINDS[kind];
  const name = String((nameField === undefined ? null : given[nameField]) ?? parentName ?? entity.id);
  for (const [field, value] of Object.entries(canonical)) {
    if (field in references || volatile.includes(field) || field === 'tags') continue;
    const kept =
      field === nameField || (kind === 'plugin' && field === 'name')
        ? value
        : without(value, defaults[field]);
    if (kept === undefined) continue;
    // Kong keeps a hash of it; written down, it would be hashed again. Only a placeholder for the password itself is true.
    const isHash = kind === 'basic-auth' && field === 'password';
    node[field] = written(kept, [kind, name, field], isHash ? { ...style, reveal: false } : style);
  }
  const owners: readonly string[] = ownerTags(style.project);
  const tags = (Array.isArray(entity.tags) ? entity.tags : []).filter((tag) => !owners.includes(String(tag)));
  if (tags.length > 0) node.tags = tags;
  // Only what has no name of its own needs its id to be known again.
  if (nameField === undefined && kind !== 'plugin' && FIXED_SCHEMAS[kind] === undefined) node.id = entity.id;
  return node;
}

/** What of a value is not the default, or nothing. */
function without(value: Value, standard: Value | undefined): Value | undefined {
  if (value === null || comparable(value) === comparable(standard ?? null)) return undefined;
  if (!isFields(value) || !isFields(standard)) return value;
  const entries = Object.entries(value).flatMap(([key, below]) => {
    const kept = without(below, standard[key]);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return Object.fromEntries(entries);
}

function written(value: Value, path: readonly string[], style: Style): unknown {
  if (value instanceof Sealed) {
    if (style.reveal === true) return value.reveal();
    const name = `DECK_${path.join('_')}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
    let variable = name;
    for (let n = 2; style.variables.has(variable); n += 1) variable = `${name}_${n}`;
    style.variables.add(variable);
    return `\${{ env "${variable}" }}`;
  }
  if (Array.isArray(value)) return value.map((item: Value) => written(item, path, style));
  if (isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [key, written(below, [...path, key], style)]),
    );
  }
  return value;
}

function yamlOf(root: Node): string {
  const document = new Document(root);
  visit(document, {
    Scalar(_key, node) {
      // decK fills in before it reads YAML: in quotes of this sort a value of digits stays text.
      if (isScalar(node) && typeof node.value === 'string' && node.value.startsWith('${{')) {
        node.type = Scalar.QUOTE_SINGLE;
      }
      if (node.value === '3.0') node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
