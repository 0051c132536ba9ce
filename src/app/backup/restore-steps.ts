import { tableDifferences } from '../../backup/compare.ts';
import type { Contents } from '../../backup/model.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import { restoreSnapshot } from '../../elk/snapshots.ts';
import { alertmanagerOf } from '../alerts/doors.ts';
import { trustingHttp } from '../certs/trust.ts';
import { removeStack } from '../down.ts';
import type { Project } from '../project/project.ts';
import type { UpOptions } from '../up/model.ts';
import { upWithLock } from '../up/up.ts';
import type { World } from '../world.ts';
import { running } from './create.ts';
import { restoreDatabases, tablesNow } from './database.ts';
import type { Inspected } from './inspect.ts';
import { type Marker, markerName, removeMarker, setMarker } from './marker.ts';
import { type PlannedFile, writeFiles } from './project-files.ts';
import { elasticsearchOf, restoreTree } from './trees.ts';

export interface RestoreWork {
  readonly inspected: Inspected;
  readonly files: readonly PlannedFile[];
  /** Services that come into being; all where empty. */
  readonly services: readonly string[];
  readonly ports: UpOptions['ports'];
  readonly marker: Marker;
  readonly lock: HeldLock;
  readonly timeoutSeconds: number;
  /** The project once its configuration is back, and whenever its ports may have moved. */
  readonly reload: () => Promise<Project>;
}

/** Brings up services of the project whose lock is held. */
export type BringUpServices = typeof upWithLock;

/**
 * Puts a backup in the place of whatever the project has. A marker stands from before the first change until after the last one:
 * whatever ends it in between, `up` refuses to start what is not whole, and the next run begins anew.
 * @returns what of the tables is not as it was; then the marker stands
 */
export async function restoreInto(
  world: World,
  project: Project,
  work: RestoreWork,
  up: BringUpServices = upWithLock,
): Promise<readonly string[]> {
  const { config, root } = project;
  const { contents } = work.inspected.opened;
  await setMarker(world, project, work.marker);
  await clear(world, config.project);
  await step(world.emit, 'restore files', world.clock.now, () => writeFiles(world, root, work.files));
  const again = await work.reload();
  await up(world, again, { ...upOptions(work), createOnly: true }, work.lock);
  const made = await world.engine.containers(config.project);
  for (const tree of contents.trees) {
    const container = made.find(({ service }) => service === tree.service);
    if (container !== undefined) await restoreTree(world, container, tree, work.inspected.unpack(tree));
  }
  const database = await startOne(world, work, up, 'postgres');
  await restoreDatabases(world, database.id, work.inspected.opened);
  const differences = await compareTables(world, database.id, contents);
  if (differences.length > 0) return differences;
  await restoreBeside(world, work, up, made);
  await removeMarker(world, project);
  return [];
}

/** Everything goes but the marker. */
async function clear(world: World, name: string): Promise<void> {
  const volumes = (await world.engine.volumes(name)).map((volume) => volume.name);
  await removeStack(world, name, { volumes: volumes.filter((volume) => volume !== markerName(name)) });
}

/** Kong has its state from the database, so nothing is declared to it. */
export const upOptions = ({
  services,
  ports,
  timeoutSeconds,
}: Pick<UpOptions, 'services' | 'ports' | 'timeoutSeconds'>): UpOptions => ({
  services,
  seed: false,
  ports,
  build: false,
  pull: false,
  timeoutSeconds,
  dryRun: false,
  waitLockSeconds: 0,
});

async function startOne(
  world: World,
  work: RestoreWork,
  up: BringUpServices,
  service: string,
): Promise<ContainerSummary> {
  const project = await work.reload();
  await up(world, project, upOptions({ ...work, services: [service] }), work.lock);
  const started = running(await world.engine.containers(project.config.project), service);
  if (started === undefined) throw new Error(`${service} does not run although it was started`);
  return started;
}

async function compareTables(world: World, id: string, { databases }: Contents): Promise<string[]> {
  const found: string[] = [];
  for (const { name, tables } of databases) {
    await step(world.emit, `compare database ${name}`, world.clock.now, async () => {
      found.push(...tableDifferences(name, tables, await tablesNow(world, id, name)));
    });
  }
  return found;
}

/** What only a running service takes: Elasticsearch's snapshot and Alertmanager's silences. */
async function restoreBeside(
  world: World,
  work: RestoreWork,
  up: BringUpServices,
  made: readonly ContainerSummary[],
): Promise<void> {
  const project = await work.reload();
  const { snapshot, silences } = work.inspected.opened.contents;
  const isMade = (service: string): boolean => made.some((container) => container.service === service);
  if (snapshot !== null && isMade('elasticsearch')) {
    await startOne(world, work, up, 'elasticsearch');
    await step(world.emit, 'restore elasticsearch’s snapshot', world.clock.now, async () =>
      restoreSnapshot(trustingHttp(world, project), await elasticsearchOf(world, project), snapshot),
    );
  }
  // Those that have ended meanwhile hold nothing.
  const holding = silences.filter(({ endsAt }) => Date.parse(endsAt) > world.clock.now());
  if (holding.length === 0 || !isMade('alertmanager')) return;
  await startOne(world, work, up, 'alertmanager');
  await step(world.emit, `restore ${holding.length} silences`, world.clock.now, async () => {
    for (const silence of holding) await alertmanagerOf(world, project).silenceAgain(silence);
  });
}

export const differs = (path: string, differences: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'RESTORE_DIFFERS',
    exitCode: EXIT.partial,
    message: `what was restored from ${path} is not what was saved; it is not started`,
    object: path,
    details: differences.slice(0, 20),
    hint: 'Run the same command again. If it says the same, take another backup: "apictl backup ls".',
  });
