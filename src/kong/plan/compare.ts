import type { AdminClient, Entity } from '../admin/client.ts';
import { identifyKong, type KongFacts } from '../admin/identify.ts';
import type { Flattened } from '../format/flatten.ts';
import { ownerTags } from '../model/identity.ts';
import { KINDS, type Kind, uniqueSlots } from '../model/kinds.ts';
import { revealed } from '../model/value.ts';
import type { Schemas } from '../read/entity-schema.ts';
import { readSchemas, type SchemaCache, subjectsOf } from '../read/schemas.ts';
import {
  canonicalState,
  idsOf,
  type LiteralState,
  narrowed,
  readLiteral,
  withChildrenOf,
} from '../read/state.ts';
import { collidingEntities, invalidFiles, pluginsNotEnabled } from '../seed-errors.ts';
import { collisions } from './collisions.ts';
import { type Matched, match, type Wanted } from './match.ts';

export interface CompareInput {
  readonly admin: { readonly url: string };
  readonly project: string;
  readonly schemaCache?: SchemaCache;
  readonly prune?: boolean;
}

/** What is asked before it is known what the files say. */
export interface EarlyReading {
  readonly kong: Promise<KongFacts>;
  readonly listed: Promise<LiteralState>;
}

/** Round one, all at once: who is there, and what is ours. */
export function readEarly(client: AdminClient, input: CompareInput): EarlyReading {
  const early = {
    kong: identifyKong(client, input.admin.url),
    listed: readLiteral(client, { tags: ownerTags(input.project), upstreams: [] }),
  };
  // Whoever awaits them hears of it; until then, a wrong file may end the run first.
  for (const promise of Object.values(early)) promise.catch(() => {});
  return early;
}

/** Round two: targets, members, the schemas that are not kept yet, and what else there is of a kind that grows; a further one where a name is taken. */
export async function compareWithKong(
  client: AdminClient,
  input: CompareInput,
  early: EarlyReading,
  { declared, selectTags }: Flattened,
): Promise<{ readonly matched: Matched; readonly kongVersion: string; readonly schemas: Schemas }> {
  const upstreams = declared.flatMap(({ kind, key }) => (kind === 'upstream' ? [key] : []));
  const kong = await early.kong;
  const unknown = declared.filter(
    ({ kind, fields }) => kind === 'plugin' && kong.plugins?.has(String(fields.name)) === false,
  );
  if (unknown.length > 0) {
    throw pluginsNotEnabled(
      unknown.map(({ place, fields }) => ({
        place,
        message: `plugin ${String(fields.name)} is not enabled`,
      })),
    );
  }
  const tags = [...ownerTags(input.project), ...selectTags.map((tag) => String(revealed(tag)))];
  const listed = narrowed(await early.listed, tags);
  const known = (listed.get('upstream') ?? []).map(({ name }) => String(name));
  const certain = kindsToGrow(declared, listed);
  const [ours, schemas, elsewhere] = await Promise.all([
    withChildrenOf(client, listed, {
      tags,
      upstreams: [...new Set([...upstreams, ...known])],
      groups: idsOf(listed, 'consumer-group'),
    }),
    readSchemas(client, kong, subjectsOf(declared), input.schemaCache),
    readLiteral(client, { tags: [], upstreams: [], kinds: certain }),
  ]);
  const matchWith = (state: LiteralState) =>
    match({
      declared,
      live: canonicalState(state, schemas),
      schemas,
      project: input.project,
      selectTags,
    });
  const first = matchWith(ours);
  if (first.problems.length > 0) throw invalidFiles(first.problems);
  const claiming = [
    ...new Set(first.wanted.filter(claimsSomethingNew).map(({ declared: { kind } }) => kind)),
  ];
  if (claiming.length === 0) return { matched: first, kongVersion: kong.version, schemas };

  // Only now does it matter what else Kong has.
  const others = await readLiteral(client, {
    tags: [],
    upstreams: claiming.includes('target') ? upstreams : [],
    kinds: claiming.filter((kind) => !certain.includes(kind)),
  });
  const everything = new Map([...elsewhere, ...others]);
  const taken = withLostTags(ours, everything, first.wanted);
  const lost = idsOf(taken.ours, 'consumer-group').filter(
    (id) => !idsOf(ours, 'consumer-group').includes(id),
  );
  const matched = taken.hasFound
    ? matchWith(await withChildrenOf(client, taken.ours, { tags, upstreams: [], groups: lost }))
    : first;
  const foreign = canonicalState(taken.foreign, schemas);
  const inTheWay = [...collisions(matched.wanted, foreign)];
  if (input.prune === false) {
    const kept = new Map(
      claiming.map((kind) => [kind, matched.surplus.filter((entity) => entity.kind === kind)]),
    );
    inTheWay.push(...collisions(matched.wanted, kept));
  }
  if (inTheWay.length > 0) {
    throw collidingEntities(inTheWay);
  }
  return { matched, kongVersion: kong.version, schemas };
}

/** Kinds of which more is declared than there is of ours: some of it will be new, whatever else is found out. */
function kindsToGrow(declared: Flattened['declared'], listed: LiteralState): readonly Kind[] {
  const counts = new Map<Kind, number>();
  for (const { kind } of declared) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].flatMap(([kind, count]) =>
    KINDS[kind].collection !== null && count > (listed.get(kind) ?? []).length ? [kind] : [],
  );
}

/** What is new, or takes another name than it has. */
function claimsSomethingNew({ declared, canonical, live }: Wanted): boolean {
  if (live === undefined) return true;
  const held = new Set(uniqueSlots(declared.kind, live.fields).map(([slot]) => slot));
  return uniqueSlots(declared.kind, canonical).some(([slot]) => !held.has(slot));
}

/** An entity with an id that we derived or the file gives, whose tags somebody took away, is still ours. */
function withLostTags(
  ours: LiteralState,
  everything: LiteralState,
  wanted: readonly Wanted[],
): { readonly ours: LiteralState; readonly foreign: LiteralState; readonly hasFound: boolean } {
  const claimed = new Set(wanted.map(({ id }) => id));
  const mine = new Map<Kind, readonly Entity[]>(ours);
  const foreign = new Map<Kind, readonly Entity[]>();
  let hasFound = false;
  for (const [kind, entities] of everything) {
    const known = new Set((ours.get(kind) ?? []).map(({ id }) => id));
    const others = entities.filter(({ id }) => !known.has(id));
    const found = others.filter(({ id }) => claimed.has(id));
    hasFound ||= found.length > 0;
    mine.set(kind, [...(ours.get(kind) ?? []), ...found]);
    foreign.set(
      kind,
      others.filter(({ id }) => !claimed.has(id)),
    );
  }
  return { ours: mine, foreign, hasFound };
}
