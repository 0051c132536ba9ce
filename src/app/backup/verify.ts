import { join } from 'node:path';
import { lineDifferences } from '../../backup/compare.ts';
import { step } from '../../core/events.ts';
import { orInterruption } from '../../core/interruption.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import { removeStack } from '../down.ts';
import { readPortMemory, withMemory } from '../ports/memory.ts';
import { apictlFolder, type Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { upWithLock } from '../up/up.ts';
import type { World } from '../world.ts';
import { backupFolder, noteVerified } from './folder.ts';
import { type Inspected, inspect, openBackup } from './inspect.ts';
import { kongText } from './kong.ts';
import type { VerifyOptions, VerifyResult } from './model.ts';
import { type LoadProject, overlaid } from './restore.ts';
import { restoreInto, upOptions } from './restore-steps.ts';

/** What of a stack holds the state that is compared. */
const SERVICES = ['kong', 'logging'];
const MOST_DIFFERENCES = 50;
/** Names of projects have at most 41 characters. */
const MOST_NAME = 34;
const TIMEOUT_SECONDS = 600;

type Check = VerifyResult['checks'][number];

/**
 * Restores a backup for real, into a project of its own beside the running one, and compares what came back with what was saved.
 * What it made is gone afterwards. A backup that is the same is noted as verified.
 * @throws ApictlError as `inspect`
 */
export async function verifyBackup(
  world: World,
  load: LoadProject,
  options: VerifyOptions,
): Promise<VerifyResult> {
  const project = await load();
  const startedMs = world.clock.now();
  const folder = backupFolder(project);
  const { file, path } = await openBackup(world, project, options.file);
  const root = join(folder, '.verify');
  try {
    const given = { project: project.config.project, root, opener: options.opener };
    const inspected = await inspect(world, file, path, given);
    const planned = await load(overlaid(world.files, project.root, inspected));
    const scratch = scratchOf(planned, root, inspected);
    await world.files.makeFolder(root, 0o700);
    const checks = await withLock(world, scratch, { command: 'backup verify', waitSeconds: 0 }, (lock) =>
      inScratch(world, scratch, () => compare(world, scratch, inspected, lock)),
    );
    const same = checks.every(({ differences }) => differences.length === 0);
    if (same) await noteVerified(world, path, inspected.opened.archive.manifest);
    return { file: path, same, checks: [...checks], seconds: (world.clock.now() - startedMs) / 1000 };
  } catch (thrown) {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; nothing of the verification is left',
      hint: 'Run the same command again.',
    });
  } finally {
    await file.close();
  }
}

/** A project of another name, with the ports next to those of the stack. */
function scratchOf(project: Project, root: string, { opened }: Inspected): Project {
  const { manifest } = opened.archive;
  return {
    root,
    dotenv: {},
    config: {
      ...project.config,
      project: `${manifest.project.slice(0, MOST_NAME)}-verify`,
      profiles: ['core'],
      images: manifest.flavour,
      bind: '127.0.0.1',
    },
  };
}

/** Nothing of it is there before, also after a run that was killed, and nothing afterwards. */
async function inScratch<T>(world: World, scratch: Project, work: () => Promise<T>): Promise<T> {
  await removeScratch(world, scratch);
  try {
    return await work();
  } finally {
    // Also after an interruption: it must not stay.
    await removeScratch({ ...world, signal: new AbortController().signal }, scratch);
  }
}

async function removeScratch(world: World, { root, config }: Project): Promise<void> {
  const volumes = (await world.engine.volumes(config.project)).map(({ name }) => name);
  await removeStack({ ...world, emit: () => {} }, config.project, { graceSeconds: 5, volumes });
  for (const name of await world.files.list(root))
    if (name !== '.apictl') await world.files.remove(join(root, name));
  const state = apictlFolder(root);
  // The lock is held by us, and its file must stay for others to see it.
  for (const name of await world.files.list(state))
    if (name !== 'lock') await world.files.remove(join(state, name));
}

async function compare(
  world: World,
  scratch: Project,
  inspected: Inspected,
  lock: HeldLock,
): Promise<readonly Check[]> {
  const { contents, archive } = inspected.opened;
  const reload = async (): Promise<Project> => ({
    ...scratch,
    config: withMemory(scratch.config, await readPortMemory(world.files, apictlFolder(scratch.root))),
  });
  const differences = await restoreInto(world, scratch, {
    inspected,
    // An override names things of the real stack, as volumes from outside.
    files: inspected.files.filter(({ path }) => path !== 'compose.override.yaml'),
    services: SERVICES,
    ports: 'free',
    marker: { file: archive.path, replaces: true },
    lock,
    timeoutSeconds: TIMEOUT_SECONDS,
    reload,
  });
  const tables = contents.databases.flatMap((database) => database.tables).length;
  const database = {
    what: `${contents.databases.length} databases, ${tables} tables`,
    how: 'restored; rows counted and hashed',
    differences: [...differences],
  };
  if (differences.length > 0) return [database];
  await upWithLock(
    world,
    await reload(),
    upOptions({ services: SERVICES, ports: 'free', timeoutSeconds: TIMEOUT_SECONDS }),
    lock,
  );
  return [
    database,
    ...(contents.kong === null ? [] : [await kongCheck(world, await reload(), inspected, contents.kong)]),
    ...contents.trees.map(({ service, entries }) => ({
      what: `${service}, ${entries} files`,
      how: SERVICES.includes(service)
        ? 'restored; the service has started with it'
        : 'read and held against its checksums',
      differences: [],
    })),
    {
      what: `${inspected.files.length} files of the project`,
      how: 'read and held against their checksums',
      differences: [],
    },
  ];
}

async function kongCheck(
  world: World,
  scratch: Project,
  { opened }: Inspected,
  wanted: string,
): Promise<Check> {
  const found = await step(world.emit, 'compare Kong’s state', world.clock.now, () =>
    kongText(world, scratch, opened.archive.manifest.project),
  );
  return {
    what: 'Kong’s state',
    how: 'asked of a gateway that runs on the restored database',
    differences: [...lineDifferences(wanted, found, MOST_DIFFERENCES)],
  };
}
