import { Document, isCollection, Scalar, visit } from 'yaml';
import type { Entity } from './admin/client.ts';
import { identifyKong } from './admin/identify.ts';
import { ownerTags } from './model/identity.ts';
import { ALL_KINDS, KINDS, type Kind } from './model/kinds.ts';
import { Sealed } from './model/sealed.ts';
import { comparable, type Fields, isFields, type Value } from './model/value.ts';
import { isHashedByKong, withCredentialsSealed } from './plan/diff.ts';
import { canonicalEntity } from './read/canonical.ts';
import { FIXED_SCHEMAS, type Schemas } from './read/entity-schema.ts';
import { readSchemas, subjectsOf } from './read/schemas.ts';
import { idsOf, type LiteralState, readLiteral, withChildrenOf } from './read/state.ts';
import { clientOf, type KongAccess } from './seed.ts';

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

/** Where decK wants a reference as text and not as a map with id. */
const AS_TEXT: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  plugin: Object.keys(KINDS.plugin.references),
  service: ['client_certificate'],
};

/** What decK does not do without, even where it is the default. */
const REQUIRED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  plugin: ['name'],
  vault: ['name'],
  jwt: ['algorithm'],
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
  const groups = idsOf(listed, 'consumer-group');
  const state = withoutLooseEnds(await withChildrenOf(client, listed, { tags, upstreams: names, groups }));
  const entities = [...state].flatMap(([kind, found]) => found.map((fields) => ({ kind, fields })));
  const schemas = await readSchemas(client, kong, subjectsOf(entities), input.schemaCache);
  const variables = new Set<string>();
  const root = treeOf(state, schemas, { ...input, variables });
  return {
    text: yamlOf(root),
    variables: [...variables],
    entities: entities.length,
  };
}

/** A group of ours may have members that are not. */
function withoutLooseEnds(state: LiteralState): LiteralState {
  const consumers = new Set(idsOf(state, 'consumer'));
  const isWhole = ({ consumer }: Entity) => consumers.has(String((consumer as Partial<Entity>).id));
  return new Map([...state, ['membership', (state.get('membership') ?? []).filter(isWhole)]]);
}

interface Style {
  readonly project: string;
  readonly reveal?: boolean;
  readonly variables: Set<string>;
}

function treeOf(state: LiteralState, schemas: Schemas, style: Style): Node {
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
      if (kind === 'membership') {
        const [group, consumer] = references.map(({ parent }) => parent?.node);
        if (consumer !== undefined) push(consumer, 'groups', { name: nameOf(group) });
        continue;
      }
      const [only] = references;
      const node = nodeOf(kind, entity, schemas, style, nameOf(only?.parent?.node));
      nodes.set(entity.id, { kind, node });
      const list = NESTED[kind] ?? (kind === 'plugin' ? 'plugins' : kind === 'route' ? 'routes' : undefined);
      const isNested = list !== undefined && references.length === 1 && only?.parent !== undefined;
      if (!isNested) {
        for (const { field, id, parent } of references) {
          const name = nameOf(parent?.node);
          node[field] =
            AS_TEXT[kind]?.includes(field) === true ? (kind === 'plugin' ? (name ?? id) : id) : { id };
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
  const bare: Fields = kind === 'plugin' || kind === 'vault' ? { name: given.name ?? null } : {};
  const defaults = canonicalEntity(kind, bare, schemas);
  const node: Node = {};
  const { nameField, references, volatile } = KINDS[kind];
  const name = String((nameField === undefined ? null : given[nameField]) ?? parentName ?? entity.id);
  for (const [field, value] of Object.entries(canonical)) {
    if (field in references || volatile.includes(field) || field === 'tags') continue;
    const kept =
      field === nameField || REQUIRED[kind]?.includes(field) === true
        ? value
        : without(value, defaults[field]);
    if (kept === undefined) continue;
    // Kong keeps a hash of it; written down, it would be hashed again. Only a placeholder for the password itself is true.
    const isHash =
      field === 'password'
        ? kind === 'basic-auth'
        : field === 'client_secret' && isHashedByKong(kind, canonical);
    const told = kind === 'plugin' && field === 'config' ? withCredentialsSealed(kept) : kept;
    node[field] = written(told, [kind, name, field], isHash ? { ...style, reveal: false } : style);
  }
  const owners: readonly string[] = ownerTags(style.project);
  const tags = (Array.isArray(entity.tags) ? entity.tags : []).filter((tag) => !owners.includes(String(tag)));
  if (tags.length > 0) node.tags = tags;
  // Only what has no name of its own needs its id to be known again.
  const isNamed = nameField !== undefined && given[nameField] != null;
  if (!isNamed && FIXED_SCHEMAS[kind] === undefined) node.id = entity.id;
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
    const text = String(value.reveal());
    const placeholder = `\${{ env "${variable}" }}`;
    // As a block, which ends as the value does.
    return text.includes('\n') ? `${placeholder}\n${text.endsWith('\n') ? '' : NO_BREAK}` : placeholder;
  }
  if (Array.isArray(value)) return value.map((item: Value) => written(item, path, style));
  if (isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [key, written(below, [...path, key], style)]),
    );
  }
  return value;
}

/** Stands for: a text of several lines without a line break at its end. */
const NO_BREAK = '\u0000';

const INDENT = 2;

function yamlOf(root: Node): string {
  const document = new Document(root);
  visit(document, {
    Scalar(_key, node, path) {
      if (node.value === '3.0') node.type = Scalar.QUOTE_DOUBLE;
      if (typeof node.value !== 'string' || !node.value.startsWith('${{')) return;
      // decK fills in before it reads YAML: in quotes of this sort a value of digits stays text, and in a block one of several lines.
      const [placeholder = '', ending] = node.value.split('\n');
      if (ending === undefined) {
        node.type = Scalar.QUOTE_SINGLE;
        return;
      }
      const depth = path.filter((above) => isCollection(above)).length;
      node.type = Scalar.BLOCK_LITERAL;
      node.value = `${placeholder.replace(' }}', ` | indent ${INDENT * depth} }}`)}${ending === NO_BREAK ? '' : '\n'}`;
    },
  });
  return document.toString({ lineWidth: 0, indent: INDENT });
}
