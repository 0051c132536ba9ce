import { ApictlError, EXIT } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Http } from '../core/ports/http.ts';
import { type AdminAddress, type AdminClient, adminClient, type Entity } from './admin-client.ts';
import { identifyKong } from './admin-identify.ts';
import { applyPlan, type SeedOutcome } from './apply.ts';
import { collisions } from './collisions.ts';
import { refuseForeignChildren } from './foreign-children.ts';
import { type Declared, type Flattened, flatten, type StackFacts } from './format-flatten.ts';
import type { PlaceholderSources } from './format-placeholders.ts';
import { type Problem, problemLine, type ReadFile, readDeclaration, type SourceFile } from './format-read.ts';
import { type DeleteLimits, refuseMassDelete } from './guard.ts';
import { ownerTags } from './identity.ts';
import type { Kind } from './kinds.ts';
import { type Matched, match, type Wanted } from './match.ts';
import { planOf, type SeedPlan, uniqueSlots } from './plan.ts';
import { canonicalState, type LiteralState, readLiteral, withTargetsOf } from './read.ts';
import { readSchemas, type SchemaCache } from './read-schemas.ts';
import { validateEntities } from './validate.ts';

/** What a seed is made of. */
export interface SeedInput {
  readonly http: Http;
  readonly clock: Clock;
  readonly admin: AdminAddress;
  /** The declaration, as texts; the first is usually `kong/kong.yaml`. */
  readonly files: readonly SourceFile[];
  readonly project: string;
  /** What the running stack adds where the file leaves it open: the targets of an upstream, the path of its health checks. */
  readonly stack?: StackFacts;
  readonly placeholders: PlaceholderSources;
  /** Keeps Kong's schemas between runs; without it they are asked for each time. */
  readonly schemaCache?: SchemaCache;
  /** Delete what is ours and in no file. Default true. */
  readonly prune?: boolean;
  readonly parallelism?: number;
  /** For everything. Default 120,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const UNDO_TIMEOUT_MS = 30_000;

const clientOf = (
  input: Pick<SeedInput, 'http' | 'clock' | 'admin' | 'parallelism' | 'signal'>,
  timeoutMs: number,
): AdminClient =>
  adminClient({
    http: input.http,
    clock: input.clock,
    admin: input.admin,
    deadlineMs: input.clock.now() + timeoutMs,
    ...(input.parallelism === undefined ? {} : { parallelism: input.parallelism }),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });

/**
 * Reads the files and Kong, and says what would have to change. Writes nothing. What would be written is already validated by Kong.
 *
 * @throws ApictlError SEED_FILE_INVALID, SEED_INVALID, SEED_COLLISION, SEED_FOREIGN_CHILDREN (exit 64) with every problem as `file:line: message` in the
 * details; SECRET_MISSING (exit 7); KONG_UNREACHABLE, KONG_NOT_KONG, KONG_FORBIDDEN, KONG_WRONG_VERSION, KONG_DBLESS,
 * KONG_PLUGIN_NOT_ENABLED (exit 6).
 */
export async function seedPlan(input: SeedInput): Promise<SeedPlan> {
  const flattened = await readFiles(input);
  const client = clientOf(input, input.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const { matched, kongVersion } = await compareWithKong(client, input, flattened);
  const plan = planOf(matched, { project: input.project, prune: input.prune ?? true, kongVersion });
  const changed = new Set(plan.changes.map(({ id }) => id));
  await refuseInvalid(
    client,
    matched.wanted.filter(({ id }) => changed.has(id)),
  );
  const known = new Set([...matched.wanted, ...matched.surplus].map(({ id }) => id));
  await refuseForeignChildren(client, plan, known);
  return plan;
}

/** Every entity of the files against Kong's schemas, also those that Kong has already. Throws as `seedPlan` does. */
export async function seedValidate(input: SeedInput): Promise<{ readonly entities: number }> {
  const flattened = await readFiles(input);
  const client = clientOf(input, input.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const { matched } = await compareWithKong(client, input, flattened);
  await refuseInvalid(client, matched.wanted);
  return { entities: matched.wanted.length };
}

export interface ApplyInput extends DeleteLimits {
  readonly plan: SeedPlan;
  readonly http: Http;
  readonly clock: Clock;
  readonly admin: AdminAddress;
  readonly emit: Emit;
  readonly parallelism?: number;
  /** For all writes. Default 120,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Does what the plan says; a plan without changes sends nothing.
 *
 * @throws ApictlError SEED_MASS_DELETE (exit 64) before the first write; otherwise as `applyPlan`.
 */
export async function applySeed(input: ApplyInput): Promise<SeedOutcome> {
  refuseMassDelete(input.plan, input);
  const { signal: _signal, ...withoutSignal } = input;
  return applyPlan({
    plan: input.plan,
    client: clientOf(input, input.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    undoClient: clientOf(withoutSignal, UNDO_TIMEOUT_MS),
    emit: input.emit,
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });
}

/** What the files declare, flat and with placeholders filled; throws as `seedPlan` does for files that are wrong. */
export const declaredOf = async (
  input: Pick<SeedInput, 'files' | 'placeholders' | 'stack'>,
): Promise<readonly Declared[]> => (await readFiles(input)).declared;

async function readFiles(input: Pick<SeedInput, 'files' | 'placeholders' | 'stack'>): Promise<Flattened> {
  const results = await Promise.all(input.files.map((file) => readDeclaration(file, input.placeholders)));
  const problems: Problem[] = results.flatMap((result) => (result.ok ? [] : result.problems));
  const files: ReadFile[] = results.flatMap((result) => (result.ok ? [result.file] : []));
  const flattened = flatten(files, input.stack);
  problems.push(...flattened.problems);
  if (problems.length === 0 && flattened.declared.length === 0) {
    problems.push({
      message: `${input.files.map(({ path }) => path).join(', ')}: declares no entity; an empty file never means "delete everything"`,
    });
  }
  if (problems.length > 0) throw invalidFiles(problems);
  return flattened;
}

function invalidFiles(problems: readonly Problem[]): ApictlError {
  const onlySecrets = problems.every(({ secretMissing }) => secretMissing === true);
  return new ApictlError({
    code: onlySecrets ? 'SECRET_MISSING' : 'SEED_FILE_INVALID',
    exitCode: onlySecrets ? EXIT.secrets : EXIT.usage,
    message: onlySecrets
      ? 'the declared gateway state names secrets that do not exist'
      : `the declared gateway state has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`,
    hint: onlySecrets
      ? '"apictl secrets ls" lists what there is; "apictl secrets set NAME" makes one.'
      : 'Nothing was written. Correct the file and run the command again.',
    details: problems.map(problemLine),
  });
}

/** Round one: who is there, what is ours, and the schemas; round two only where something would be created. */
async function compareWithKong(
  client: AdminClient,
  input: SeedInput,
  { declared, selectTags }: Flattened,
): Promise<{ readonly matched: Matched; readonly kongVersion: string }> {
  const kinds = [...new Set(declared.map(({ kind }) => kind))];
  const plugins = [
    ...new Set(declared.flatMap(({ kind, fields }) => (kind === 'plugin' ? [String(fields.name)] : []))),
  ];
  const upstreams = declared.flatMap(({ kind, key }) => (kind === 'upstream' ? [key] : []));
  const kong = await identifyKong(client, input.admin.url);
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
  const tags = [...ownerTags(input.project), ...selectTags];
  const [listed, schemas] = await Promise.all([
    readLiteral(client, { tags, upstreams }),
    readSchemas(client, kong, kinds, plugins, input.schemaCache),
  ]);
  const forgotten = (listed.get('upstream') ?? []).map(({ name }) => String(name));
  const ours = await withTargetsOf(client, listed, {
    tags,
    upstreams: forgotten.filter((name) => !upstreams.includes(name)),
  });
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
  if (claiming.length === 0) return { matched: first, kongVersion: kong.version };

  // Only now does it matter what else Kong has.
  const everything = await readLiteral(client, {
    tags: [],
    upstreams: claiming.includes('target') ? upstreams : [],
    kinds: claiming,
  });
  const taken = withLostTags(ours, everything, first.wanted);
  const matched = matchWith(taken.ours);
  const foreign = canonicalState(taken.foreign, schemas);
  const inTheWay = [...collisions(matched.wanted, foreign)];
  if (input.prune === false) {
    const kept = new Map(
      claiming.map((kind) => [kind, matched.surplus.filter((entity) => entity.kind === kind)]),
    );
    inTheWay.push(...collisions(matched.wanted, kept));
  }
  if (inTheWay.length > 0) {
    throw new ApictlError({
      code: 'SEED_COLLISION',
      exitCode: EXIT.usage,
      message: 'Kong has entities that are not ours where the file wants its own',
      hint: 'Nothing was written.',
      details: inTheWay.map(problemLine),
    });
  }
  return { matched, kongVersion: kong.version };
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
): { readonly ours: LiteralState; readonly foreign: LiteralState } {
  const claimed = new Set(wanted.map(({ id }) => id));
  const mine = new Map<Kind, readonly Entity[]>(ours);
  const foreign = new Map<Kind, readonly Entity[]>();
  for (const [kind, entities] of everything) {
    const known = new Set((ours.get(kind) ?? []).map(({ id }) => id));
    const others = entities.filter(({ id }) => !known.has(id));
    mine.set(kind, [...(ours.get(kind) ?? []), ...others.filter(({ id }) => claimed.has(id))]);
    foreign.set(
      kind,
      others.filter(({ id }) => !claimed.has(id)),
    );
  }
  return { ours: mine, foreign };
}

async function refuseInvalid(client: AdminClient, wanted: readonly Wanted[]): Promise<void> {
  const problems = await validateEntities(client, wanted);
  if (problems.length === 0) return;
  if (problems.every(({ pluginNotEnabled }) => pluginNotEnabled === true)) throw pluginsNotEnabled(problems);
  throw new ApictlError({
    code: 'SEED_INVALID',
    exitCode: EXIT.usage,
    message: `Kong refuses ${problems.length === 1 ? 'one entity' : `${problems.length} entities`} of the declared state`,
    hint: 'Nothing was written. Correct the file and run the command again.',
    details: problems.map(problemLine),
  });
}

const pluginsNotEnabled = (problems: readonly Problem[]): ApictlError =>
  new ApictlError({
    code: 'KONG_PLUGIN_NOT_ENABLED',
    exitCode: EXIT.kong,
    message: 'this Kong does not have a plugin that the file uses',
    hint: 'Enable it with KONG_PLUGINS (as "bundled,my-plugin") and install it in Kong’s image, or take it out of the file.',
    details: problems.map(problemLine),
  });
