import { join } from 'node:path';
import { entriesOfFolder, type TreeEntry, tarOf } from '../../backup/tree.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Door } from '../../secrets/door.ts';
import { type GrafanaDatabase, grafanaKeysDoor } from '../../secrets/doors/grafana-keys.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

const FOLDER = '/var/lib/grafana';
const NAME = 'grafana.db';
/** What SQLite leaves beside a database that was not closed: it belongs to the file as it was. */
const BESIDE = [`${NAME}-journal`, `${NAME}-wal`];
const STOP_SECONDS = 20;
const USER = { uid: 472, gid: 0, mode: 0o640 };

/** The secret key's door: Grafana's database, in its container or in none. */
export function grafanaDataKeys(
  world: World,
  { root }: Project,
  containers: readonly ContainerSummary[],
): Door {
  const container = containers.find(({ service }) => service === 'grafana');
  const isStackUp = containers.some(({ state }) => state === 'running');
  return grafanaKeysDoor({
    outside: world,
    folder: join(root, '.apictl', 'journal'),
    database: container === undefined ? null : databaseIn(world, container.id, isStackUp),
  });
}

function databaseIn({ engine, engineData, clock }: World, id: string, isStackUp: boolean): GrafanaDatabase {
  return {
    stop: () => engine.stop(id, STOP_SECONDS),
    start: async () => {
      if (isStackUp) await engine.start(id);
    },
    read: async () => {
      let found: Buffer | null = null;
      for await (const { path, sizeBytes, content } of entriesOfFolder(
        await engineData.readFolder(id, FOLDER),
        () => {},
      )) {
        if (BESIDE.includes(path) && sizeBytes > 0) throw notClosed(path);
        const bytes = await collect(content, path === NAME);
        if (path === NAME) found = bytes;
      }
      if (found === null) throw notThere();
      return found;
    },
    write: (bytes) => engineData.writeFolder(id, FOLDER, tarOf(oneFile(bytes, clock.now()))),
  };
}

/** Every entry has to be read to its end; only what is wanted is kept. */
async function collect(content: TreeEntry['content'], isWanted: boolean): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) if (isWanted) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* oneFile(bytes: Buffer, modifiedMs: number): AsyncIterable<TreeEntry> {
  const content = (async function* () {
    yield bytes;
  })();
  yield {
    ...{ path: NAME, type: 'file', modifiedMs, sizeBytes: bytes.length, content },
    ...USER,
  };
}

const notClosed = (path: string): ApictlError =>
  new ApictlError({
    code: 'SECRET_DOOR_FAILED',
    exitCode: EXIT.unhealthy,
    message: `Grafana’s database was not closed: ${path} lies beside it`,
    object: 'service grafana',
    hint: 'Let Grafana start and repair it ("apictl up"), then rotate the key again.',
  });

const notThere = (): ApictlError =>
  new ApictlError({
    code: 'SECRET_DOOR_FAILED',
    exitCode: EXIT.unhealthy,
    message: `there is no ${NAME} in Grafana’s folder`,
    object: 'service grafana',
    hint: 'A database of your own, outside of the stack, is not encrypted anew: the key cannot be rotated here.',
  });
