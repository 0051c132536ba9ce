import { inspect } from 'node:util';
import type { AdminClient, Entity } from '../admin/client.ts';
import { ALL_KINDS, KINDS, type Kind } from '../model/kinds.ts';
import { comparable, type Fields } from '../model/value.ts';
import { canonicalEntity, withoutOldNames } from './canonical.ts';
import type { Schemas } from './entity-schema.ts';

/** One entity that Kong has, in canonical form. What Kong said literally is kept for restoring it, out of sight. */
export class LiveEntity {
  readonly kind: Kind;
  readonly id: string;
  readonly fields: Fields;
  readonly #literal: Entity;
  readonly #schemas: Schemas;

  constructor(kind: Kind, literal: Entity, schemas: Schemas) {
    this.kind = kind;
    this.id = literal.id;
    this.fields = canonicalEntity(kind, literal as Fields, schemas);
    this.#literal = literal;
    this.#schemas = schemas;
  }

  get tags(): readonly string[] {
    const { tags } = this.#literal;
    return Array.isArray(tags) ? tags.map(String) : [];
  }

  /** Only what it is: a field may hold a secret that nobody declared as one. */
  toJSON(): { readonly kind: Kind; readonly id: string } {
    return { kind: this.kind, id: this.id };
  }

  [inspect.custom](): string {
    return `${this.kind} ${this.id}`;
  }

  /** The body of a request that brings this entity back as it was. Secrets are in clear. */
  restoringBody(): Fields {
    return this.#restoring(this.#literal);
  }

  /** Whether Kong's answer is what it said before, the times of writing and a life that runs down aside. */
  isLiterally(answer: Entity): boolean {
    const { ttl: _before, ...before } = this.restoringBody();
    const { ttl: _now, ...now } = this.#restoring(answer);
    return comparable(now) === comparable(before);
  }

  #restoring(literal: Entity): Fields {
    const {
      created_at: _created,
      updated_at: _updated,
      snis,
      ttl,
      ...rest
    } = withoutOldNames(this.kind, literal as Fields, this.#schemas);
    return {
      ...rest,
      // Those of a certificate are entities of their own.
      ...(this.kind === 'route' ? { snis: snis ?? null } : {}),
      // What would live on for so long must not live for ever.
      ...(typeof ttl === 'number' ? { ttl } : {}),
    };
  }
}

/** What of Kong's state a question is about. */
export interface ReadScope {
  /** Only entities with all of these tags. */
  readonly tags: readonly string[];
  /** Upstreams whose targets are wanted, by name; those that Kong does not have are fine. */
  readonly upstreams: readonly string[];
  /** Consumer groups whose members are wanted, by id. */
  readonly groups?: readonly string[];
  readonly kinds?: readonly Kind[];
}

/** Kong filters by five tags at most. */
const MAX_TAGS = 5;

/** The state in Kong's own words, before schemas are known. */
export type LiteralState = ReadonlyMap<Kind, readonly Entity[]>;

/** Reads every collection at once, each page by page. Collections that this Kong does not have are empty. */
export async function readLiteral(client: AdminClient, scope: ReadScope): Promise<LiteralState> {
  const query: Record<string, string> =
    scope.tags.length === 0 ? {} : { tags: scope.tags.slice(0, MAX_TAGS).join(',') };
  const reads: {
    kind: Kind;
    path: string;
    query: Record<string, string>;
    entityOf?: (found: Entity) => Entity;
  }[] = [];
  for (const kind of scope.kinds ?? ALL_KINDS) {
    const { collection } = KINDS[kind];
    if (collection !== null) reads.push({ kind, path: collection, query });
  }
  // Below an upstream Kong does not filter by tag.
  for (const name of scope.upstreams) {
    reads.push({ kind: 'target', path: `/upstreams/${encodeURIComponent(name)}/targets`, query: {} });
  }
  for (const id of scope.groups ?? []) {
    const path = `/consumer_groups/${encodeURIComponent(id)}/consumers`;
    reads.push({ kind: 'membership', path, query: {}, entityOf: membershipOf(id) });
  }
  const pages = await client.all(reads, ({ path, query: search }) => client.list(path, search));
  const state = new Map<Kind, Entity[]>();
  for (const [index, { kind, entityOf }] of reads.entries()) {
    const found = pages[index] ?? [];
    state.set(kind, [...(state.get(kind) ?? []), ...(entityOf === undefined ? found : found.map(entityOf))]);
  }
  return narrowed(state, scope.tags);
}

/** Kong lists the consumers of a group; that one of them is in it is what we make an entity of. It has its consumer's tags. */
const membershipOf =
  (group: string) =>
  ({ id, tags }: Entity): Entity => ({
    id: `${group} ${id}`,
    consumer_group: { id: group },
    consumer: { id },
    tags,
  });

/** Only what carries all of these tags, and links, which carry none of their own. */
export const narrowed = (state: LiteralState, tags: readonly string[]): LiteralState =>
  new Map(
    [...state].map(([kind, entities]) => [
      kind,
      KINDS[kind].linksTo === undefined ? entities.filter((entity) => hasTags(entity.tags, tags)) : entities,
    ]),
  );

export const hasTags = (own: unknown, tags: readonly string[]): boolean =>
  tags.every((tag) => Array.isArray(own) && own.includes(tag));

export const canonicalState = (
  literal: LiteralState,
  schemas: Schemas,
): ReadonlyMap<Kind, readonly LiveEntity[]> =>
  new Map(
    [...literal].map(([kind, entities]) => [
      kind,
      entities.map((entity) => new LiveEntity(kind, entity, schemas)),
    ]),
  );

/** What Kong lists only below its parent added to what was read: the targets of these upstreams, the members of these groups. */
export async function withChildrenOf(
  client: AdminClient,
  state: LiteralState,
  scope: Pick<ReadScope, 'tags' | 'upstreams' | 'groups'>,
): Promise<LiteralState> {
  const more = await readLiteral(client, { ...scope, kinds: [] });
  return new Map([
    ...state,
    ...[...more].map(([kind, found]) => [kind, [...(state.get(kind) ?? []), ...found]] as const),
  ]);
}

export const idsOf = (state: LiteralState, kind: Kind): readonly string[] =>
  (state.get(kind) ?? []).map(({ id }) => id);
