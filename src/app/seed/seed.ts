import { join } from 'node:path';
import type { AdminAddress } from '../../kong/admin/client.ts';
import type { Change, SeedPlan } from '../../kong/plan/plan.ts';
import type { SchemaCache } from '../../kong/read/schemas.ts';
import { applySeed, type KongAccess, type SeedInput, seedPlan } from '../../kong/seed.ts';
import type { Verified } from '../../kong/verify/verify.ts';
import { secretsOf } from '../../secrets/model.ts';
import { readSecret } from '../../secrets/read.ts';
import { backendNames } from '../../stack/render/backends.ts';
import { apictlFolder, type Project } from '../project/project.ts';
import { holdingLock } from '../project/session.ts';
import { hostOf } from '../project/urls.ts';
import type { World } from '../world.ts';
import { declaredFiles } from './files.ts';
import { refuseLostFile } from './lost-file.ts';

export interface SeedOptions {
  /** Files and folders, relative to the working folder; `kong/kong.yaml`, or the packaged one, where empty. */
  readonly files: readonly string[];
  readonly admin?: AdminAddress | undefined;
  readonly prune: boolean;
  readonly maxDeletes?: number | undefined;
  readonly allowMassDelete: boolean;
  readonly parallelism?: number | undefined;
  /** For everything. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** How long another apictl that changes this stack is waited for. Default 0. */
  readonly waitLockSeconds?: number | undefined;
}

export const DEFAULT_SEED: SeedOptions = { files: [], prune: true, allowMassDelete: false };

const DEFAULT_TIMEOUT_MS = 120_000;

/** What `seed --json` and `seed diff --json` print. */
export interface SeedResult {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly writes: number;
  readonly changes: readonly ShownChange[];
  /** Ours and in no file, but not to be deleted (`--no-prune`). */
  readonly kept: SeedPlan['kept'];
  /** With `--verify`. */
  readonly verified?: Verified;
}

export type ShownChange = Pick<Change, 'action' | 'kind' | 'name' | 'direction' | 'fields' | 'within'> & {
  /** `kong/kong.yaml:12`; absent for what is only in Kong. */
  readonly declaredAt?: string;
};

/** How Kong is reached: this project's own, or the one that is named. */
export const kongAccess = (
  world: World,
  project: Project,
  options: Pick<SeedOptions, 'admin' | 'parallelism' | 'timeoutMs'>,
): KongAccess => ({
  http: world.http,
  clock: world.clock,
  admin: options.admin ?? { url: `http://${hostOf(project.config.bind)}:${project.config.ports.admin}` },
  schemaCache: schemaCache(world, project),
  signal: world.signal,
  timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
});

const schemaCache = ({ files }: World, { root }: Project): SchemaCache => ({
  read: async (name) => (await files.read(join(apictlFolder(root), name)))?.toString('utf8') ?? null,
  write: (name, text) => files.write(join(apictlFolder(root), name), text),
});

/** Everything that reading and comparing needs. */
export async function seedInput(world: World, project: Project, options: SeedOptions): Promise<SeedInput> {
  const { config } = project;
  const { port, healthPath } = config.backends;
  const targets = backendNames(config).map((name) => `${name}:${port}`);
  return {
    ...kongAccess(world, project, options),
    files: await declaredFiles(world, project, options.files),
    project: config.project,
    stack: { upstreams: { backend: { targets, healthPath } } },
    placeholders: {
      environment: { ...project.dotenv, ...world.environment },
      secret: async (name) =>
        secretsOf(config).some((spec) => spec.name === name)
          ? readSecret(world.files, project.root, name)
          : undefined,
    },
    prune: options.prune,
  };
}

/**
 * Does the work while nobody else changes the stack: a rotation of secrets or a rolling restart has keys and weights in this project's Kong
 * that no file declares. Another Kong than the project's own is nobody's but the caller's.
 * @throws ApictlError LOCKED (11)
 */
export const seedingAlone = <T>(
  world: World,
  project: Project,
  { admin, waitLockSeconds = 0 }: Pick<SeedOptions, 'admin' | 'waitLockSeconds'>,
  work: () => Promise<T>,
): Promise<T> =>
  admin === undefined || isOwnKong(project, admin)
    ? holdingLock(world, project, { command: 'seed', waitSeconds: waitLockSeconds }, work)
    : work();

function isOwnKong({ config }: Project, { url }: AdminAddress): boolean {
  const { hostname, port } = new URL(url);
  const names = new Set([hostOf(config.bind), '127.0.0.1', 'localhost', '[::1]']);
  return port === String(config.ports.admin) && names.has(hostname);
}

/** As `seed`, for whoever does not hold the project's lock. @throws ApictlError LOCKED (11) besides */
export const lockedSeed = (world: World, project: Project, options: SeedOptions): Promise<SeedResult> =>
  seedingAlone(world, project, options, () => seed(world, project, options));

/** Makes Kong match the declared state. A second run sends no write. The project's lock is held. */
export async function seed(world: World, project: Project, options: SeedOptions): Promise<SeedResult> {
  return seedFrom(world, await seedInput(world, project, options), options);
}

/** The same, for an input that is there already. */
export async function seedFrom(world: World, input: SeedInput, options: SeedOptions): Promise<SeedResult> {
  const startedMs = world.clock.now();
  const plan = await seedPlan(input);
  refuseLostFile(input.files, plan, options);
  const left = (input.timeoutMs ?? DEFAULT_TIMEOUT_MS) - (world.clock.now() - startedMs);
  const shown = new Map<Change, ShownChange>();
  const outcome = await applySeed({
    ...input,
    plan,
    emit: world.emit,
    // There is time for it while Kong is busy; at the end everybody would wait.
    onDone: (change) => shown.set(change, shownChange(change)),
    timeoutMs: Math.max(1, left),
    maxDeletes: options.maxDeletes,
    allowMassDelete: options.allowMassDelete,
  });
  return { ...seedPreview(plan, shown), ...outcome };
}

/** What would change, counted. */
export function seedPreview(plan: SeedPlan, shown?: ReadonlyMap<Change, ShownChange>): SeedResult {
  const count = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  return {
    created: count('create'),
    updated: count('update'),
    deleted: count('delete'),
    unchanged: plan.unchanged,
    writes: 0,
    changes: plan.changes.map((change) => shown?.get(change) ?? shownChange(change)),
    kept: plan.kept,
  };
}

const shownChange = ({ action, kind, name, direction, fields, within, place }: Change): ShownChange => ({
  action,
  kind,
  name,
  direction,
  fields,
  within,
  ...(place === undefined ? {} : { declaredAt: `${place.file}:${place.line}` }),
});
