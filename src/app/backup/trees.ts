import type { Contents, Manifest } from '../../backup/model.ts';
import { SNAPSHOTS, TREES, type TreeSpec } from '../../backup/saved-trees.ts';
import { entriesOfFolder, packTree, type TreeEntry, tarOf } from '../../backup/tree.ts';
import type { ArchiveWriter } from '../../backup/write-archive.ts';
import { step } from '../../core/events.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { dropSnapshot, type Elasticsearch, takeSnapshot } from '../../elk/snapshots.ts';
import { readSecret } from '../../secrets/read.ts';
import { trustingHttp } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { stackUrls } from '../project/urls.ts';
import type { World } from '../world.ts';

/** What a backup that was killed has left held still goes on. */
export async function letGo(
  world: Pick<World, 'engineData'>,
  containers: readonly ContainerSummary[],
): Promise<void> {
  const held = containers.filter(
    ({ service, state }) =>
      state === 'paused' && TREES.some((tree) => tree.isHeld && tree.service === service),
  );
  for (const { id } of held) await world.engineData.resume(id);
}

interface Saved {
  readonly trees: Contents['trees'];
  /** Name of Elasticsearch's snapshot. */
  readonly snapshot: string | null;
  readonly skipped: Manifest['leftOut'];
}

/** Saves the folders of all services that have one and are there. */
export async function saveTrees(
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
  writer: ArchiveWriter,
): Promise<Saved> {
  const trees: Contents['trees'] = [];
  const skipped: Manifest['leftOut'] = [];
  const save = async (spec: TreeSpec, container: ContainerSummary): Promise<void> => {
    const { tree, passedOver } = await saveTree(world, spec, container, writer);
    trees.push(tree);
    if (passedOver.length > 0) {
      const why = `${passedOver.length} links, sockets or pipes, as ${passedOver[0]}`;
      skipped.push({ what: `${spec.service}: what is no file`, why });
    }
  };
  for (const spec of TREES) {
    const container = containers.find(({ service }) => service === spec.service);
    if (container === undefined) continue;
    if (spec.service === 'prometheus' && !project.config.backup.metrics) {
      skipped.push({ what: 'prometheus', why: 'backup.metrics is false' });
      continue;
    }
    await save(spec, container);
  }
  const elasticsearch = containers.find(({ service }) => service === SNAPSHOTS.service);
  if (elasticsearch === undefined) return { trees, snapshot: null, skipped };
  if (elasticsearch.state !== 'running') {
    skipped.push({ what: 'elasticsearch', why: 'it does not run, and only it can take a snapshot' });
    return { trees, snapshot: null, skipped };
  }
  const access = await elasticsearchOf(world, project);
  const http = trustingHttp(world, project);
  const snapshot = `backup-${world.clock.now()}`;
  await step(world.emit, 'take a snapshot of elasticsearch', world.clock.now, () =>
    takeSnapshot(http, access, snapshot),
  );
  try {
    await save(SNAPSHOTS, elasticsearch);
  } finally {
    await dropSnapshot(http, access, snapshot);
  }
  return { trees, snapshot, skipped };
}

export async function elasticsearchOf(world: Pick<World, 'files'>, project: Project): Promise<Elasticsearch> {
  return {
    url: stackUrls(project.config, ['elasticsearch']).elasticsearch ?? '',
    password: await readSecret(world.files, project.root, 'elastic-password'),
  };
}

async function saveTree(
  world: World,
  spec: TreeSpec,
  { id, state }: ContainerSummary,
  writer: ArchiveWriter,
): Promise<{ readonly tree: Contents['trees'][number]; readonly passedOver: readonly string[] }> {
  const passedOver: string[] = [];
  const isHeld = spec.isHeld && state === 'running';
  return step(world.emit, `save ${spec.service}`, world.clock.now, async () => {
    if (isHeld) await world.engineData.pause(id);
    try {
      const tar = await world.engineData.readFolder(id, spec.path);
      const packed = packTree(
        kept(
          entriesOfFolder(tar, (path) => passedOver.push(path)),
          spec,
        ),
      );
      await writer.add(spec.member, packed.bytes);
      const { service, path, member } = spec;
      return { tree: { service, path, member, ...packed.size() }, passedOver };
    } finally {
      if (isHeld) await world.engineData.resume(id);
    }
  });
}

async function* kept(entries: AsyncIterable<TreeEntry>, { keeps }: TreeSpec): AsyncIterable<TreeEntry> {
  for await (const entry of entries) if (keeps(entry.path)) yield entry;
}

/** Unpacks a saved folder into the container of its service, which has not been started yet. */
export async function restoreTree(
  world: Pick<World, 'engineData' | 'emit' | 'clock'>,
  container: Pick<ContainerSummary, 'id'>,
  { service, path }: Contents['trees'][number],
  entries: AsyncIterable<TreeEntry>,
): Promise<void> {
  await step(world.emit, `restore ${service}`, world.clock.now, () =>
    world.engineData.writeFolder(container.id, path, tarOf(entries)),
  );
}
