import type { Declared, ReferenceTo } from '../format/flatten.ts';
import type { Problem } from '../format/read.ts';
import { deterministicId, ownerTags } from '../model/identity.ts';
import { basicAuthHash, KINDS, type Kind, LEVELS, uniqueSlots } from '../model/kinds.ts';
import { Sealed } from '../model/sealed.ts';
import { comparable, type Fields, isFields, revealed, type Value } from '../model/value.ts';
import { canonicalEntity } from '../read/canonical.ts';
import type { Schemas } from '../read/entity-schema.ts';
import { hasTags, type LiveEntity } from '../read/state.ts';
import { differences } from './diff.ts';

/** A declared entity with its id, its references by id, and what Kong has of it. */
export interface Wanted {
  readonly declared: Declared;
  readonly id: string;
  /** In the form of `LiveEntity.fields`. */
  readonly canonical: Fields;
  /** As it is written to Kong: the declared fields, references and tags; Kong fills in the rest. */
  readonly body: Fields;
  readonly live: LiveEntity | undefined;
}

export interface Matched {
  readonly wanted: readonly Wanted[];
  /** What is ours in Kong and in no file. */
  readonly surplus: readonly LiveEntity[];
  readonly problems: readonly Problem[];
}

export interface MatchInput {
  readonly declared: readonly Declared[];
  readonly live: ReadonlyMap<Kind, readonly LiveEntity[]>;
  readonly schemas: Schemas;
  readonly project: string;
  readonly selectTags: readonly (string | Sealed)[];
}

type Candidate = Omit<Wanted, 'id' | 'live'>;

/**
 * Finds for every declared entity the one in Kong that it is: by the id of the file, by what identifies its kind, by being the
 * same in all but its name, by the id that we would give it. Parents first, because children are known by their parents' ids.
 */
export function match(input: MatchInput): Matched {
  const ids = new Map<string, string>();
  const wanted: Wanted[] = [];
  const surplus: LiveEntity[] = [];
  const problems: Problem[] = [];
  for (const kind of LEVELS.flat()) {
    const candidates: Candidate[] = [];
    for (const declared of input.declared) {
      if (declared.kind !== kind) continue;
      const found = candidateOf(declared, ids, input, problems);
      if (found !== undefined) candidates.push(found);
    }
    problems.push(...declaredTwice(kind, candidates));
    const live = input.live.get(kind) ?? [];
    const pairs = pairUp(kind, candidates, live, input.project);
    const taken = new Set([...pairs.values()].map((entity) => entity.id));
    const usedIds = new Set(live.map((entity) => entity.id));
    for (const candidate of candidates) {
      const { declared } = candidate;
      const paired = pairs.get(candidate);
      const id = paired?.id ?? freshId(input.project, declared, usedIds);
      usedIds.add(id);
      ids.set(`${kind}\0${declared.key}`, id);
      wanted.push({ ...candidate, id, live: paired });
    }
    // Somebody else's consumer may be in a group of ours.
    const isOurs = (entity: LiveEntity) =>
      KINDS[kind].linksTo === undefined ||
      hasTags(entity.tags, [
        ...input.selectTags.map((tag) => String(revealed(tag))),
        ...ownerTags(input.project),
      ]);
    surplus.push(...live.filter((entity) => !taken.has(entity.id) && isOurs(entity)));
  }
  return { wanted, surplus, problems };
}

function candidateOf(
  declared: Declared,
  ids: ReadonlyMap<string, string>,
  input: MatchInput,
  problems: Problem[],
): Candidate | undefined {
  const references: Record<string, Value> = {};
  for (const [field, to] of Object.entries(declared.references)) {
    const id = idOf(to, ids);
    if (id === undefined) {
      const { kind, key, label = key } = to as { kind: Kind; key: string; label?: string };
      problems.push({
        place: declared.place,
        message: `${declared.kind} ${declared.name} refers to ${kind} ${label}, which the file does not declare`,
      });
      return undefined;
    }
    references[field] = { id };
  }
  const given = Array.isArray(declared.fields.tags) ? (declared.fields.tags as readonly Value[]) : [];
  const all: readonly Value[] = [...given, ...input.selectTags, ...ownerTags(input.project)];
  const tags = [...new Map(all.map((tag) => [comparable(tag), tag])).values()];
  const isLink = KINDS[declared.kind].linksTo !== undefined;
  const body = { ...declared.fields, ...references, ...(isLink ? {} : { tags }) };
  const canonical = canonicalEntity(declared.kind, body, input.schemas);
  return {
    declared,
    body: withTypesOf(canonical, body) as Fields,
    canonical: asKongKeepsIt(declared.kind, canonical),
  };
}

/**
 * A placeholder is text; where the schema wants a number or a boolean, the body must have one. What the schema calls a secret is one,
 * also where it is written in clear.
 */
function withTypesOf(canonical: Value | undefined, value: Value): Value {
  if (canonical instanceof Sealed) {
    return value instanceof Sealed && !canonical.equals(value) ? value : canonical;
  }
  if (Array.isArray(value)) {
    const isSecret = Array.isArray(canonical) && canonical.some((item: Value) => item instanceof Sealed);
    return isSecret
      ? value.map((item: Value) => (typeof item === 'string' ? new Sealed(item) : item))
      : value;
  }
  if (!isFields(value) || !isFields(canonical)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key, withTypesOf(canonical[key], below)]),
  );
}

const idOf = (to: ReferenceTo, ids: ReadonlyMap<string, string>): string | undefined =>
  'id' in to ? to.id : ids.get(`${to.kind}\0${to.key}`);

/** Kong keeps a hash in the place of a basic-auth password. */
function asKongKeepsIt(kind: Kind, fields: Fields): Fields {
  const { password, consumer } = fields;
  if (kind !== 'basic-auth' || !(password instanceof Sealed) || !isFields(consumer)) return fields;
  return { ...fields, password: new Sealed(basicAuthHash(String(password.reveal()), String(consumer.id))) };
}

const identityText = (kind: Kind, fields: Fields): string | undefined => {
  const identity = KINDS[kind].identity(fields);
  return identity === undefined ? undefined : comparable(identity);
};

function declaredTwice(kind: Kind, candidates: readonly Candidate[]): Problem[] {
  const seen = new Map<string, Declared>();
  return candidates.flatMap(({ declared, canonical }) => {
    const problems: Problem[] = [];
    const tell = (text: string | undefined, what: string): void => {
      const other = text === undefined ? undefined : seen.get(text);
      if (text !== undefined) seen.set(text, declared);
      if (other === undefined) return;
      const also = `also in ${other.place.file}:${other.place.line}`;
      problems.push({ place: declared.place, message: `${kind} ${declared.name} ${what}, ${also}` });
    };
    tell(identityText(kind, canonical), 'is declared twice');
    tell(declared.id, 'is declared twice');
    for (const [slot, field] of uniqueSlots(kind, canonical)) {
      tell(slot, `has the ${field} of another one`);
    }
    return problems.slice(0, 1);
  });
}

function pairUp(
  kind: Kind,
  candidates: readonly Candidate[],
  live: readonly LiveEntity[],
  project: string,
): Map<Candidate, LiveEntity> {
  const pairs = new Map<Candidate, LiveEntity>();
  if (live.length === 0) return pairs;
  const free = new Map(live.map((entity) => [entity.id, entity]));
  const pair = (candidate: Candidate, entity: LiveEntity | undefined) => {
    if (entity === undefined || !free.delete(entity.id)) return;
    pairs.set(candidate, entity);
  };
  const unpaired = () => candidates.filter((candidate) => !pairs.has(candidate));

  for (const candidate of unpaired()) {
    if (candidate.declared.id !== undefined) pair(candidate, free.get(candidate.declared.id));
  }
  const byIdentity = new Map<string, LiveEntity>();
  for (const entity of free.values()) {
    const text = identityText(kind, entity.fields);
    if (text !== undefined) byIdentity.set(text, entity);
  }
  const same = (candidate: Candidate) => byIdentity.get(identityText(kind, candidate.canonical) ?? '');
  if (KINDS[kind].keepsIdentityOnRename) {
    // What is unchanged keeps its partner; only then may another have been renamed.
    for (const candidate of unpaired()) {
      const entity = same(candidate);
      if (entity !== undefined && differs(kind, candidate, entity).length === 0) pair(candidate, entity);
    }
    const byContent = new Map([...free.values()].map((entity) => [nameless(entity.fields), entity]));
    for (const candidate of unpaired()) {
      const renamed = byContent.get(nameless(candidate.canonical));
      if (candidate.declared.id === undefined) pair(candidate, renamed);
    }
  }
  for (const candidate of unpaired()) pair(candidate, same(candidate));
  for (const candidate of unpaired()) {
    const { declared } = candidate;
    if (declared.id === undefined) pair(candidate, free.get(deterministicId(project, kind, declared.key)));
  }
  return pairs;
}

const differs = (kind: Kind, candidate: Candidate, entity: LiveEntity) =>
  Object.keys(differences(kind, candidate.canonical, entity.fields));

const nameless = (fields: Fields): string => comparable({ ...fields, name: null });

/** Derived from the key; where another entity holds that id already (it was renamed), the next one. */
function freshId(project: string, declared: Declared, used: ReadonlySet<string>): string {
  if (declared.id !== undefined) return declared.id;
  for (let turn = 0; ; turn += 1) {
    const id = deterministicId(
      project,
      declared.kind,
      turn === 0 ? declared.key : `${declared.key}\0${turn}`,
    );
    if (!used.has(id)) return id;
  }
}
