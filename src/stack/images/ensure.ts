import { type Emit, step } from '../../core/events.ts';
import { interruption } from '../../core/interruption.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Commands } from '../../core/ports/commands.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Files } from '../../core/ports/files.ts';
import { Slots } from '../../core/slots.ts';
import { buildBase } from './build-base.ts';
import { buildImage, labelsOf } from './build-image.ts';
import type { MachineSources } from './machine-sources.ts';
import { missingImages, presentReferences } from './missing.ts';
import type { ImagePlan, PlannedImage } from './model.ts';
import { readMachineSources } from './read-machine.ts';
import { DEBIAN_SUITE } from './recipes.ts';

/** Builds are mostly waiting for the disk; more of them at once are not faster on two cores. */
const BUILDS_AT_ONCE = 2;

export interface ImagePorts {
  readonly engine: Pick<Engine, 'image' | 'build' | 'importImage'>;
  readonly commands: Commands;
  readonly files: Pick<Files, 'read' | 'stat'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where compose/ and services/ of this installation lie. */
  readonly packageRoot: string;
}

export interface EnsureOptions {
  /** Builds everything anew, with the packages that the mirror has today. */
  readonly rebuild?: boolean;
  /** What `presentReferences` said, where somebody has asked already. */
  readonly present?: ReadonlySet<string>;
}

export interface EnsuredImages {
  /** Names, in the order of the plan. */
  readonly built: readonly string[];
  readonly references: ImagePlan['references'];
}

/**
 * Builds what a plan names and the engine lacks; what is there is not touched.
 * @throws ApictlError IMAGE_BUILD_FAILED and the failures of {@link buildBase} (5), DISK_FULL (8), INTERRUPTED (130, 143).
 * What was built before the failure stays; nothing of the image that failed has a name.
 */
export async function ensureImages(
  plan: ImagePlan,
  ports: ImagePorts,
  emit: Emit,
  signal: AbortSignal,
  options: EnsureOptions = {},
): Promise<EnsuredImages> {
  const rebuild = options.rebuild === true;
  const present = options.present ?? (await presentReferences(plan, ports.engine, rebuild));
  const missing = missingImages(plan, present);
  const ending = new AbortController();
  const run: Run = {
    ports,
    emit,
    plan,
    total: missing.length,
    started: 0,
    signal: AbortSignal.any([signal, ending.signal]),
    slots: new Slots(BUILDS_AT_ONCE),
    sources: onlyOnce(() => readMachineSources(DEBIAN_SUITE, ports, signal)),
    buildArgs: rebuild ? { REFRESH: String(ports.clock.now()) } : {},
    done: new Map(),
  };
  for (const image of missing) {
    const done = buildAfterBase(run, image);
    run.done.set(image.name, done);
    // The first failure ends the others; all are waited for below, so that none is left running.
    done.catch((thrown: unknown) => ending.abort(thrown));
  }
  await Promise.allSettled(run.done.values());
  if (signal.aborted) throw interrupted(signal);
  if (ending.signal.aborted) throw ending.signal.reason;
  return { built: missing.map(({ name }) => name), references: plan.references };
}

interface Run {
  readonly ports: ImagePorts;
  readonly emit: Emit;
  readonly plan: ImagePlan;
  readonly total: number;
  /** How many were begun: the n of "n of m". */
  started: number;
  readonly signal: AbortSignal;
  readonly slots: Slots;
  readonly sources: () => Promise<MachineSources>;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly done: Map<string, Promise<void>>;
}

async function buildAfterBase(run: Run, image: PlannedImage): Promise<void> {
  if (image.base.kind === 'image') await run.done.get(image.base.name);
  await run.slots.use(async () => {
    run.signal.throwIfAborted();
    run.started += 1;
    const position = `${run.started}/${run.total}`;
    await step(run.emit, `image ${image.name}`, run.ports.clock.now, async (progress) => {
      progress(`${position} ${image.reference}`);
      await buildOne(run, image, (line) => progress(`${position} ${line}`));
    });
  });
}

function buildOne(run: Run, image: PlannedImage, onLine: (line: string) => void): Promise<void> {
  const { ports, signal, sources } = run;
  if (image.dockerfile !== null) {
    // Only what has packages of its own takes the argument; the engine warns of one that nobody declares.
    const buildArgs = image.usesMachineSources ? run.buildArgs : {};
    return buildImage({ image, sources, buildArgs, onLine, signal }, ports);
  }
  const dpkgConfig = `${ports.packageRoot}/compose/images/platform/dpkg.cfg`;
  const base = { reference: image.reference, labels: labelsOf(image.name), dpkgConfig, sources };
  return buildBase(base, ports, onLine, signal);
}

function onlyOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

const interrupted = (signal: AbortSignal) =>
  interruption(signal, {
    message: 'interrupted while images were built; those that were finished stay',
    hint: 'Run the same command again to build the rest.',
  });
