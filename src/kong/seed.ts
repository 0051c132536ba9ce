import type { Emit } from '../core/events.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Http } from '../core/ports/http.ts';
import { type AdminAddress, type AdminClient, adminClient } from './admin/client.ts';
import { applyPlan, type SeedOutcome } from './apply/apply.ts';
import { type Declared, type Flattened, flatten, type StackFacts } from './format/flatten.ts';
import type { PlaceholderSources } from './format/placeholders.ts';
import { type Problem, type ReadFile, readDeclaration, type SourceFile } from './format/read.ts';
import { compareWithKong, readEarly } from './plan/compare.ts';
import { refuseForeignChildren } from './plan/foreign-children.ts';
import { type DeleteLimits, refuseMassDelete } from './plan/guard.ts';
import type { Matched, Wanted } from './plan/match.ts';
import { missingReferences } from './plan/outside-references.ts';
import { type Change, planOf, type SeedPlan } from './plan/plan.ts';
import type { SchemaCache } from './read/schemas.ts';
import { invalidFiles, pluginsNotEnabled, refusedEntities } from './seed-errors.ts';
import { type EntityProblem, validateEntities } from './validate/validate.ts';

/** How Kong is reached, and how hard it is asked. */
export interface KongAccess {
  readonly http: Http;
  readonly clock: Clock;
  readonly admin: AdminAddress;
  /** Keeps Kong's schemas between runs; without it they are asked for each time. */
  readonly schemaCache?: SchemaCache;
  /** Requests at a time. Default 20. */
  readonly parallelism?: number;
  /** For everything. Default 120,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What a seed is made of. */
export interface SeedInput extends KongAccess {
  /** The declaration, as texts; the first is usually `kong/kong.yaml`. */
  readonly files: readonly SourceFile[];
  readonly project: string;
  /** What the running stack adds where the file leaves it open: the targets of an upstream, the path of its health checks. */
  readonly stack?: StackFacts;
  readonly placeholders: PlaceholderSources;
  /** Delete what is ours and in no file. Default true. */
  readonly prune?: boolean;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const UNDO_TIMEOUT_MS = 30_000;
/** How long reading the files waits for it at most. */
const FIRST_ANSWER_MS = 100;

export const clientOf = (
  access: KongAccess,
  timeoutMs = access.timeoutMs ?? DEFAULT_TIMEOUT_MS,
): AdminClient =>
  adminClient({
    http: access.http,
    clock: access.clock,
    admin: access.admin,
    deadlineMs: access.clock.now() + timeoutMs,
    ...(access.parallelism === undefined ? {} : { parallelism: access.parallelism }),
    ...(access.signal === undefined ? {} : { signal: access.signal }),
  });

/**
 * Reads the files and Kong, and says what would have to change. Writes nothing. What would be written is already validated by Kong.
 *
 * @throws ApictlError SEED_FILE_INVALID, SEED_INVALID, SEED_COLLISION, SEED_FOREIGN_CHILDREN (exit 64) with every problem as `file:line: message` in the
 * details; SECRET_MISSING (exit 7); KONG_UNREACHABLE, KONG_NOT_KONG, KONG_FORBIDDEN, KONG_WRONG_VERSION, KONG_DBLESS,
 * KONG_PLUGIN_NOT_ENABLED (exit 6).
 */
export const seedPlan = (input: SeedInput): Promise<SeedPlan> =>
  compared(input, async (client, { matched, kongVersion, schemas }) => {
    const plan = planOf(matched, {
      project: input.project,
      prune: input.prune ?? true,
      kongVersion,
      schemas,
    });
    const changed = new Set(plan.changes.map(({ id }) => id));
    const known = knownIds(matched);
    await refuseInvalid(
      client,
      matched.wanted.filter(({ id }) => changed.has(id)),
      known,
    );
    await refuseForeignChildren(client, plan, known);
    return plan;
  });

/** Every entity of the files against Kong's schemas, also those that Kong has already. Throws as `seedPlan` does. */
export const seedValidate = (input: SeedInput): Promise<{ readonly entities: number }> =>
  compared(input, async (client, { matched }) => {
    await refuseInvalid(client, matched.wanted, knownIds(matched));
    return { entities: matched.wanted.length };
  });

/** Reads the files while Kong answers: neither waits for the other. What is still asked when one of them fails is given up. */
async function compared<Result>(
  input: SeedInput,
  work: (client: AdminClient, compared: Awaited<ReturnType<typeof compareWithKong>>) => Promise<Result>,
): Promise<Result> {
  const giveUp = new AbortController();
  const signals = [giveUp.signal, ...(input.signal === undefined ? [] : [input.signal])];
  const client = clientOf({ ...input, signal: AbortSignal.any(signals) });
  try {
    const early = readEarly(client, input);
    // Parsing leaves no time for anything else: the requests go out first, all of them before the first is answered.
    const answered = new AbortController();
    const stopWaiting = () => answered.abort();
    early.kong.then(stopWaiting, stopWaiting);
    await input.clock.sleep(FIRST_ANSWER_MS, answered.signal);
    const flattened = await readFiles(input);
    return await work(client, await compareWithKong(client, input, early, flattened));
  } catch (thrown) {
    giveUp.abort();
    throw thrown;
  }
}

export interface ApplyInput extends KongAccess, DeleteLimits {
  readonly plan: SeedPlan;
  readonly emit: Emit;
  /** Told of each change that is done, while Kong is busy with others. */
  readonly onDone?: (change: Change) => void;
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
    client: clientOf(input),
    undoClient: clientOf(withoutSignal, UNDO_TIMEOUT_MS),
    clock: input.clock,
    emit: input.emit,
    onDone: input.onDone,
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

const knownIds = ({ wanted, surplus }: Matched): ReadonlySet<string> =>
  new Set([...wanted, ...surplus].map(({ id }) => id));

async function refuseInvalid(
  client: AdminClient,
  wanted: readonly Wanted[],
  known: ReadonlySet<string>,
): Promise<void> {
  const [invalid, missing] = await Promise.all([
    validateEntities(client, wanted),
    missingReferences(client, wanted, known),
  ]);
  const problems: readonly EntityProblem[] = [...invalid, ...missing];
  if (problems.length === 0) return;
  if (problems.every(({ pluginNotEnabled }) => pluginNotEnabled === true)) throw pluginsNotEnabled(problems);
  throw refusedEntities(problems);
}
