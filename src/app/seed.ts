import { join } from 'node:path';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { AdminAddress } from '../kong/admin-client.ts';
import type { SourceFile } from '../kong/format-read.ts';
import type { SeedPlan } from '../kong/plan.ts';
import { applySeed, type SeedInput, seedPlan } from '../kong/seed.ts';
import { SECRETS } from '../secrets/model.ts';
import { readSecret } from '../secrets/read.ts';
import type { Project } from './project.ts';
import { hostOf } from './urls.ts';
import type { World } from './world.ts';

export interface SeedOptions {
  /** Files relative to the project root; `kong/kong.yaml`, or the packaged one, where empty. */
  readonly files: readonly string[];
  readonly admin?: AdminAddress | undefined;
  readonly prune: boolean;
  readonly maxDeletes?: number | undefined;
  readonly allowMassDelete: boolean;
  readonly parallelism?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

export const DEFAULT_SEED: SeedOptions = { files: [], prune: true, allowMassDelete: false };

/** What `seed --json` and `seed diff --json` print. */
export interface SeedResult {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly writes: number;
  readonly changes: readonly Pick<
    SeedPlan['changes'][number],
    'action' | 'kind' | 'name' | 'direction' | 'fields'
  >[];
}

/** Everything that reading and comparing needs, for this project's own Kong or the one that is named. */
export async function seedInput(world: World, project: Project, options: SeedOptions): Promise<SeedInput> {
  const { config } = project;
  const { replicas, port, healthPath } = config.backends;
  const targets = Array.from({ length: replicas }, (_, index) => `backend-${index + 1}:${port}`);
  return {
    http: world.http,
    clock: world.clock,
    admin: options.admin ?? { url: `http://${hostOf(config.bind)}:${config.ports.admin}` },
    files: await declaredFiles(world, project, options.files),
    project: config.project,
    stack: { upstreams: { backend: { targets, healthPath } } },
    placeholders: {
      environment: { ...project.dotenv, ...world.environment },
      secret: async (name) =>
        SECRETS.some((spec) => spec.name === name) ? readSecret(world.files, project.root, name) : undefined,
    },
    prune: options.prune,
    signal: world.signal,
    ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  };
}

/** Makes Kong match the declared state. A second run sends no write. */
export async function seed(world: World, project: Project, options: SeedOptions): Promise<SeedResult> {
  const input = await seedInput(world, project, options);
  const plan = await seedPlan(input);
  if (plan.changes.length === 0) return { ...seedPreview(plan), created: 0, updated: 0, deleted: 0 };
  const outcome = await applySeed({
    plan,
    http: world.http,
    clock: world.clock,
    admin: input.admin,
    emit: world.emit,
    signal: world.signal,
    maxDeletes: options.maxDeletes,
    allowMassDelete: options.allowMassDelete,
    ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return { ...seedPreview(plan), ...outcome };
}

/** What would change, counted. */
export function seedPreview(plan: SeedPlan): SeedResult {
  const count = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  return {
    created: count('create'),
    updated: count('update'),
    deleted: count('delete'),
    unchanged: plan.unchanged,
    writes: 0,
    changes: plan.changes.map(({ action, kind, name, direction, fields }) => ({
      action,
      kind,
      name,
      direction,
      fields,
    })),
  };
}

async function declaredFiles(
  world: World,
  project: Project,
  files: readonly string[],
): Promise<SourceFile[]> {
  if (files.length > 0) {
    return Promise.all(
      files.map(async (path) => ({ path, text: await textOf(world, path, join(project.root, path)) })),
    );
  }
  const own = await world.files.read(join(project.root, 'kong', 'kong.yaml'));
  if (own !== null) return [{ path: 'kong/kong.yaml', text: own.toString('utf8') }];
  const packaged = join(world.packageRoot, 'kong', 'kong.yaml');
  return [{ path: 'kong/kong.yaml (packaged)', text: await textOf(world, packaged, packaged) }];
}

async function textOf(world: World, shown: string, path: string): Promise<string> {
  const bytes = await world.files.read(shown.startsWith('/') ? shown : path);
  if (bytes !== null) return bytes.toString('utf8');
  throw new ApictlError({
    code: 'SEED_FILE_MISSING',
    exitCode: EXIT.usage,
    message: `there is no file ${shown}`,
    object: shown,
    hint: 'A missing file never means "delete everything"; nothing was changed.',
  });
}
