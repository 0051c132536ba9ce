import type { ChalkInstance } from 'chalk';
import {
  type PullResult,
  planProjectImages,
  provideImages,
  pullProjectImages,
  registryImages,
} from '../../app/images/images.ts';
import { type LockResult, lockImages } from '../../app/images/lock/lock.ts';
import { lockStates } from '../../app/images/lock/states.ts';
import { type PruneResult, pruneProjectImages } from '../../app/images/prune.ts';
import { choose } from '../../app/up/prepare.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { listImages } from '../../stack/images/list.ts';
import { unpinned } from '../../stack/images/pins.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { table } from '../report/table.ts';

interface Flags {
  readonly images?: string;
  readonly rebuild?: boolean;
  readonly refresh?: boolean;
  readonly profile?: readonly string[];
  readonly update?: boolean;
  readonly dryRun?: boolean;
}

export const imagesLs = async (context: Context, flags: Flags) => {
  const { world } = context;
  const { project, choice, plan, published } = await chosenImages(context, flags);
  const states = await lockStates(world, project, published);
  const rows = (await listImages(plan, published, world.engine)).map((row) => ({
    ...row,
    lock: states.get(row.reference) ?? null,
  }));
  // Without a lock there is nothing to say of it.
  const hasLock = rows.some(({ lock }) => lock !== null);
  printResult(context, { flavour: choice.flavour, images: rows }, (result, paint) =>
    table(
      ['IMAGE', 'STATE', 'SIZE', ...(hasLock ? ['LOCK'] : []), 'REFERENCE'],
      result.images.map(({ name, state, sizeBytes, lock, reference }) => [
        hasLock ? unpinned(name) : name,
        state === 'missing' ? paint.yellow(state) : state,
        sizeBytes === null ? '-' : bytes(sizeBytes),
        ...(hasLock ? [lock === 'differs' ? paint.yellow(lock) : (lock ?? '-')] : []),
        reference,
      ]),
      paint,
    ),
  );
  return EXIT.ok;
};

export const imagesLock = async (context: Context, flags: Flags) => {
  const { world } = context;
  const project = await openProject(context, { images: flags.images, profiles: flags.profile });
  const choice = await choose(world, project, await world.engine.facts());
  const result = await lockImages(world, project, choice, { update: flags.update === true });
  if (result.unlocked.length > 0)
    world.emit({
      type: 'warning',
      text: `not locked, because no registry knows them: ${result.unlocked.join(', ')}`,
    });
  printResult(context, result, lockedText);
  return EXIT.ok;
};

function lockedText({ file, images, removed }: LockResult, paint: ChalkInstance): string {
  const changed = images.filter(({ state }) => state !== 'kept').length + removed.length;
  return [
    table(
      ['IMAGE', 'LOCK', 'DIGEST'],
      [
        ...images.map(({ reference, state, digest }) => [
          reference,
          state === 'kept' ? state : paint.green(state),
          digest,
        ]),
        ...removed.map((reference) => [reference, 'removed', '-']),
      ],
      paint,
    ),
    '',
    changed === 0
      ? `${file} is current`
      : `wrote ${file}; keep it with your configuration, and "apictl up" runs exactly these`,
  ].join('\n');
}

export const imagesBuild = async (context: Context, flags: Flags) => {
  const { world } = context;
  const project = await openProject(context, { images: flags.images });
  const choice = await choose(world, project, await world.engine.facts());
  const plan = await planProjectImages(world, project, choice);
  const { built } = await provideImages(world, plan, [], { rebuild: flags.rebuild === true, refresh: false });
  printResult(context, { flavour: choice.flavour, built }, (result) =>
    result.built.length === 0 ? 'every image is there' : `built ${result.built.join(', ')}`,
  );
  return EXIT.ok;
};

export const imagesPrune = async (context: Context, flags: Flags) => {
  const { plan } = await chosenImages(context, flags);
  const isDry = flags.dryRun === true;
  const result = await pruneProjectImages(context.world, plan, {
    dryRun: isDry,
    confirm: (images) =>
      context.confirm(`Earlier builds left these images:\n${listOf(images)}\nRemove them?`),
  });
  printResult(context, result, (pruned) => prunedText(pruned, isDry));
  return EXIT.ok;
};

const listOf = (images: PruneResult['superseded']): string =>
  images.map(({ reference, sizeBytes }) => `  ${reference} (${bytes(sizeBytes)})`).join('\n');

function prunedText({ superseded, removed, kept }: PruneResult, isDry: boolean): string {
  if (superseded.length === 0) return 'earlier builds left nothing';
  if (isDry) return `${listOf(superseded)}\nwould be removed where no container uses them`;
  const rest = kept.length === 0 ? '' : `; a container still uses ${kept.join(', ')}`;
  return `removed ${removed.length === 0 ? 'nothing' : removed.join(', ')}${rest}`;
}

export const imagesPull = async (context: Context, flags: Flags) => {
  const { plan, published } = await chosenImages(context, flags);
  const result = await pullProjectImages(context.world, plan, published, {
    refresh: flags.refresh === true,
  });
  printResult(context, result, pulledText);
  return EXIT.ok;
};

export function pulledText({ flavour, pulled, present }: PullResult): string {
  if (flavour === 'embedded' && pulled.length + present.length === 0)
    return 'nothing to pull: the embedded flavour takes no image from a registry; "apictl images build" makes its images';
  return pulled.length === 0 ? 'every published image is there' : `pulled ${pulled.join(', ')}`;
}

/** The flavour and profiles that would run, and their images: built here, and published. */
export async function chosenImages(
  context: Context,
  { images, profile }: { readonly images?: string; readonly profile?: readonly string[] },
) {
  const { world } = context;
  const project = await openProject(context, { images, profiles: profile });
  const choice = await choose(world, project, await world.engine.facts());
  const plan = await planProjectImages(world, project, choice);
  const published = await registryImages(world, project, choice);
  return { project, choice, plan, published };
}
