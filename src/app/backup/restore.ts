import { join } from 'node:path';
import { lockOf, type Opener } from '../../backup/seal.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { orInterruption } from '../../core/interruption.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { upWithLock } from '../up/up.ts';
import type { World } from '../world.ts';
import { createLocked, databaseFacts, savedNames } from './create.ts';
import { type Inspected, inspect, openBackup, refuseOtherVersions } from './inspect.ts';
import { markerName, readMarker } from './marker.ts';
import type { RestoreOptions, RestoreResult } from './model.ts';
import { type BringUpServices, differs, restoreInto, upOptions } from './restore-steps.ts';

/** Loads the project; from these files first, where they are given. */
export type LoadProject = (files?: World['files']) => Promise<Project>;

/**
 * Puts a backup in the place of an empty project, or with `replace` of what is there, and brings the stack up.
 * @throws ApictlError as `inspect`, all before anything is touched; RESTORE_NOT_EMPTY (64); RESTORE_DIFFERS (3)
 */
export async function restore(
  world: World,
  load: LoadProject,
  options: RestoreOptions,
  up: BringUpServices = upWithLock,
): Promise<RestoreResult> {
  const project = await load();
  const { file, path } = await openBackup(world, project, options.file);
  const lock = { command: 'restore', waitSeconds: options.waitLockSeconds };
  try {
    return await withLock(world, project, lock, async (held) => {
      const { config, root } = project;
      const given = { project: config.project, root, opener: options.opener };
      const inspected = await inspect(world, file, path, given);
      const planned = await load(overlaid(world.files, root, inspected));
      refuseOtherVersions(inspected, planned, path);
      return restoreLocked(world, load, { project, inspected, path, options, lock: held, up });
    });
  } catch (thrown) {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; "apictl status" says whether what is there is whole',
      hint: 'Run the same command again: it begins anew and finishes.',
    });
  } finally {
    await file.close();
  }
}

/** The project folder as it would be: so that a configuration which cannot be read is refused before it lies there. */
export function overlaid(files: World['files'], root: string, { files: planned }: Inspected): World['files'] {
  const contents = new Map(planned.map(({ path, content }) => [join(root, path), content]));
  return { ...files, read: async (path) => contents.get(path) ?? files.read(path) };
}

async function restoreLocked(
  world: World,
  load: LoadProject,
  work: {
    readonly project: Project;
    readonly inspected: Inspected;
    readonly path: string;
    readonly options: RestoreOptions;
    readonly lock: HeldLock;
    readonly up: BringUpServices;
  },
): Promise<RestoreResult> {
  const { project, inspected, path, options, lock, up } = work;
  const startedMs = world.clock.now();
  const { manifest } = inspected.opened.archive;
  const marker = await readMarker(world, project);
  const replaces = options.replace || marker?.replaces === true;
  const there = await whatIsThere(world, project, inspected, marker !== null);
  if (there.length > 0 && !replaces) throw notEmpty(project, there);
  // What a restore that was ended half-way has left is not worth saving, and what was there before it has been.
  const mustSave = there.length > 0 && marker === null && options.save;
  const savedAs = mustSave ? await saveFirst(world, project, inspected.opener) : null;

  const reload = async (): Promise<Project> => {
    const loaded = await load();
    return { ...loaded, config: { ...loaded.config, images: manifest.flavour } };
  };
  const restoring = {
    inspected,
    files: inspected.files,
    services: [],
    ports: 'remembered',
    marker: { file: path, replaces },
    lock,
    timeoutSeconds: options.timeoutSeconds,
    reload,
  } as const;
  const differences = await restoreInto(world, project, restoring, up);
  if (differences.length > 0) throw differs(path, differences);
  const result = await up(world, await reload(), upOptions(restoring), lock);
  const { contents } = inspected.opened;
  return {
    file: path,
    createdAt: manifest.createdAt,
    databases: databaseFacts(contents),
    restored: savedNames(contents, manifest),
    savedAs,
    state: 'state' in result ? result.state : 'degraded',
    seconds: (world.clock.now() - startedMs) / 1000,
    urls: 'urls' in result ? result.urls : {},
  };
}

/** What a restore would take away, one line each. */
async function whatIsThere(
  world: World,
  project: Project,
  inspected: Inspected,
  isMarked: boolean,
): Promise<string[]> {
  const { config } = project;
  const differing = inspected.files
    .filter(({ differs }) => differs)
    .map(({ path }) => `file ${path}, which differs`);
  if (isMarked) return differing;
  const [containers, volumes] = await Promise.all([
    world.engine.containers(config.project),
    world.engine.volumes(config.project),
  ]);
  return [
    ...containers.map(({ name, state }) => `container ${name} (${state})`),
    ...volumes.filter(({ name }) => name !== markerName(config.project)).map(({ name }) => `volume ${name}`),
    ...differing,
  ];
}

/** Sealed with what has just opened the other one. */
async function saveFirst(world: World, project: Project, opener: Opener): Promise<string> {
  try {
    return (await createLocked(world, project, await lockOf(opener))).file;
  } catch (thrown) {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'BACKUP_NEEDS_STACK') throw thrown;
    throw new ApictlError({
      code: thrown.code,
      exitCode: thrown.exitCode,
      message: `what is there cannot be saved: ${thrown.message}; nothing was touched`,
      object: thrown.object,
      hint: 'Run "apictl up" first, or give it up with --no-save.',
      cause: thrown,
    });
  }
}

const notEmpty = ({ config }: Project, there: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'RESTORE_NOT_EMPTY',
    exitCode: EXIT.usage,
    message: `the project "${config.project}" is not empty; nothing was touched`,
    object: `project ${config.project}`,
    details: there,
    hint: 'Give --replace to put the backup in its place: what is there is saved first.',
  });
