import { type Flavour, PROFILES, type Profile } from '../../../config/choices.ts';
import { ApictlError, EXIT } from '../../../core/errors.ts';
import type { EngineFacts } from '../../../core/ports/engine.ts';
import type { LockedImage } from '../../../stack/images/lock.ts';
import { pullImages } from '../../../stack/images/pull.ts';
import { platformOf } from '../../../stack/images/saved/model.ts';
import { digestOf, isByDigest } from '../../../stack/images/saved/reference.ts';
import type { Project } from '../../project/project.ts';
import type { World } from '../../world.ts';
import { planProjectImages, registryImages, registryReferences } from '../images.ts';
import { lockFile, readLock, writeLock } from './files.ts';
import { placeOf } from './place.ts';

interface Choice {
  readonly facts: EngineFacts;
  readonly flavour: Flavour;
  readonly profiles: readonly Profile[];
}

export interface LockResult {
  readonly file: string;
  readonly images: readonly {
    /** Without a mirror. */
    readonly reference: string;
    readonly digest: string;
    readonly state: 'added' | 'renewed' | 'kept';
  }[];
  /** What no registry knows, as an image of the user's own that was built here: it cannot be locked. */
  readonly unlocked: readonly string[];
  /** What the stack does not name any more. */
  readonly removed: readonly string[];
}

/**
 * Writes down what every published image of these profiles stands for. What other profiles have locked stays.
 * @param update asks the registry what the tags stand for today; else only what is not locked yet is looked at
 * @throws ApictlError IMAGES_MISSING (5) where an image is not there and cannot be pulled, IMAGES_WITHOUT_DIGEST (5),
 * IMAGES_LOCK_INVALID (64)
 */
export async function lockImages(
  world: World,
  project: Project,
  choice: Choice,
  { update }: { readonly update: boolean },
): Promise<LockResult> {
  const { files } = world;
  const { root } = project;
  const before = (await readLock(files, root)) ?? {};
  const platform = platformOf(choice.facts);
  const wanted = await namesOf(world, project, choice);
  const asked = wanted.filter((reference) => update || before[reference]?.ids[platform] === undefined);
  // What another platform has locked is the same digest here.
  const placeNow = (reference: string): string => {
    const locked = update ? undefined : before[reference];
    const place = placeOf(project, reference);
    return locked === undefined ? place : `${place}@${locked.digest}`;
  };
  await pullImages(world, asked.map(placeNow), update);
  const found = new Map<string, LockedImage>();
  for (const reference of asked) {
    const locked = await lockedAs(world, placeNow(reference), platform, before[reference]);
    if (locked !== null) found.set(reference, locked);
  }
  // Also what another flavour and other profiles name stays.
  const all = { ...choice, flavour: 'official', profiles: PROFILES } as const;
  const named = new Set([...wanted, ...(await namesOf(world, project, all))]);
  const kept = Object.entries(before).filter(([reference]) => named.has(reference));
  const after = { ...Object.fromEntries(kept), ...Object.fromEntries(found) };
  if (Object.keys(after).length === 0) throw nothingToLock(wanted);
  await writeLock(files, root, after);
  return {
    file: lockFile(root),
    images: Object.entries(after)
      .map(([reference, { digest }]) => ({ reference, digest, state: stateOf(before[reference], digest) }))
      .sort((a, b) => (a.reference < b.reference ? -1 : 1)),
    unlocked: asked.filter((reference) => after[reference] === undefined),
    removed: Object.keys(before).filter((reference) => !named.has(reference)),
  };
}

const stateOf = (before: LockedImage | undefined, digest: string) =>
  before === undefined
    ? ('added' as const)
    : before.digest === digest
      ? ('kept' as const)
      : ('renewed' as const);

/** Every reference of a registry, as the stack names it without lock and mirror; but what the user holds to a digest. */
async function namesOf(world: World, project: Project, choice: Choice): Promise<string[]> {
  const plain = { ...project, pins: undefined, config: { ...project.config, registry: {} } };
  const plan = await planProjectImages(world, plain, choice);
  const references = registryReferences(plan, await registryImages(world, plain, choice));
  return references.filter((reference) => !isByDigest(reference));
}

/** Null where no registry knows it. Ids of other platforms hold as long as the digest is the same. */
async function lockedAs(
  { imageTransfer }: Pick<World, 'imageTransfer'>,
  place: string,
  platform: string,
  before: LockedImage | undefined,
): Promise<LockedImage | null> {
  const stored = await imageTransfer.describe(place);
  const digest = stored === null ? null : (place.split('@')[1] ?? digestOf(place, stored));
  if (stored === null || digest === null) return null;
  const others = before?.digest === digest ? before.ids : {};
  return { digest, ids: { ...others, [platform]: stored.id } };
}

const nothingToLock = (references: readonly string[]) =>
  new ApictlError({
    code: 'IMAGES_WITHOUT_DIGEST',
    exitCode: EXIT.engine,
    message: 'no image of this stack came from a registry, so none has a digest to lock',
    details: references,
    hint: 'The embedded flavour has none but an image of your own, as one that was pushed: "apictl images lock --images official" locks the published ones.',
  });
