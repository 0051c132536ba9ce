import { isDeepStrictEqual } from 'node:util';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { Emit } from '../../core/events.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { AdminClient, Entity } from '../admin/client.ts';
import { ownerTags } from '../model/identity.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import { comparable, type Fields, isFields, revealed } from '../model/value.ts';
import { differences } from '../plan/diff.ts';
import type { Change, SeedPlan } from '../plan/plan.ts';
import { type LiteralState, LiveEntity, readLiteral } from '../read/state.ts';

/**
 * What is read may lag behind what is written where Kong reads from a replica of its database, and another seed may have given up a
 * name for the time being: what is not as it was written is looked at again after each of these pauses.
 */
const LOOK_AGAIN_MS = [200, 400, 800, 1600];

/**
 * Kong has no conditional writes: whoever else writes at the same time is only seen afterwards. Looks once more at the kinds of what was
 * written, and at nothing else.
 *
 * @throws ApictlError SEED_OVERTAKEN (exit 3): everything was written, and not all of it is there as it was written.
 */
export async function confirmApplied(input: {
  readonly plan: SeedPlan;
  /** What Kong answered to each write, as far as it was an entity. */
  readonly answers: ReadonlyMap<Change, unknown>;
  readonly client: AdminClient;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { plan, client, clock, emit, signal } = input;
  if (plan.changes.length === 0) return;
  try {
    for (const pause of [...LOOK_AGAIN_MS, undefined]) {
      const found = overtaken(input, await readAgain(client, plan));
      if (found.length === 0) return;
      if (pause === undefined) throw overtakenError(found);
      await clock.sleep(pause, signal);
    }
  } catch (thrown) {
    if (thrown instanceof ApictlError && thrown.code === OVERTAKEN) throw thrown;
    // All of it is acknowledged: not being able to look is no failure of the seed.
    emit({
      type: 'warning',
      text: `everything is written; whether somebody else changed it meanwhile could not be looked at: ${messageOf(thrown)}`,
    });
  }
}

const OVERTAKEN = 'SEED_OVERTAKEN';

function readAgain(client: AdminClient, { changes, project }: SeedPlan): Promise<LiteralState> {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const above = (kind: Kind, field: string) => [
    ...new Set(changes.filter((change) => change.kind === kind).map((change) => parentOf(change, field))),
  ];
  return readLiteral(client, {
    tags: ownerTags(project),
    kinds: [...kinds],
    upstreams: above('target', 'upstream'),
    groups: above('membership', 'consumer_group'),
  });
}

/** The id of what an entity lies below; Kong finds an upstream by its id as by its name. */
const parentOf = ({ before, after }: Change, field: string): string =>
  referenceIn(after ?? before?.fields ?? {}, field);

const referenceIn = (fields: Fields, field: string): string => {
  const to = fields[field];
  return isFields(to) ? String(revealed(to.id ?? null)) : '';
};

/** A link of two entities is known by them, everything else by its id. */
const keyOf = (kind: Kind, id: string, fields: Fields): string =>
  KINDS[kind].linksTo === undefined ? id : comparable([...(KINDS[kind].identity(fields) ?? [])]);

/** One line for each change that is not there as it was made. */
function overtaken(
  { plan, answers }: Pick<Parameters<typeof confirmApplied>[0], 'plan' | 'answers'>,
  state: LiteralState,
): readonly string[] {
  const there = new Map<Kind, ReadonlyMap<string, Entity>>(
    [...state].map(([kind, entities]) => [
      kind,
      new Map(entities.map((entity) => [keyOf(kind, entity.id, entity as Fields), entity])),
    ]),
  );
  return plan.changes.flatMap((change) => {
    const { kind, name, id, before, after } = change;
    const now = there.get(kind)?.get(keyOf(kind, id, after ?? before?.fields ?? {}));
    if (after === undefined)
      return now === undefined ? [] : [`${kind} ${name}: was deleted, and is there again`];
    if (now === undefined) return [`${kind} ${name}: was written, and is gone or no longer tagged as ours`];
    if (isDeepStrictEqual(now, answers.get(change))) return [];
    const others = Object.keys(differences(kind, after, new LiveEntity(kind, now, plan.schemas).fields));
    return others.length === 0
      ? []
      : [`${kind} ${name}: was changed again by somebody else: ${others.join(', ')}`];
  });
}

const overtakenError = (details: readonly string[]): ApictlError =>
  new ApictlError({
    code: OVERTAKEN,
    exitCode: EXIT.partial,
    message: `everything was written, but ${details.length === 1 ? 'one entity is' : `${details.length} entities are`} no longer as declared: somebody else changes this Kong at the same time`,
    hint: '"apictl seed diff" shows what differs now; run "apictl seed" again when nobody else writes.',
    details,
  });
