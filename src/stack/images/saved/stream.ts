import { once } from 'node:events';
import { posix } from 'node:path';
import { type Extract, extract, type Header } from 'tar-stream';
import * as z from 'zod';
import { messageOf } from '../../../core/errors.ts';
import { familiar } from './reference.ts';

/** What lies in the engine's stream, read while it passes: nothing of it is unpacked or kept but its lists. */

/** Lists of a hundred images are some ten kilobytes. */
const MOST_LIST_BYTES = 4 * 1024 * 1024;
const MOST_ENTRIES = 100_000;
const LISTS = ['manifest.json', 'index.json'];
const TYPES: readonly (Header['type'] | undefined)[] = ['file', 'directory', 'symlink'];

const listSchema = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullable(),
    Layers: z.array(z.string()).nullable(),
  }),
);
/** Newer engines take the tags from here. */
const indexSchema = z.object({
  manifests: z.array(z.object({ annotations: z.record(z.string(), z.string()).optional() })),
});
const NAME_ANNOTATION = 'io.containerd.image.name';

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

/** What is wrong with a stream; `isHostile` where an engine never writes it. */
export class StreamProblem extends Error {
  readonly isHostile: boolean;

  constructor(why: string, isHostile: boolean, cause?: unknown) {
    super(why, { cause });
    this.isHostile = isHostile;
  }
}

/** Follows a stream piece by piece. */
export class StreamWalk {
  readonly #parser = extract();
  readonly #walked: Promise<ReadonlyMap<string, string> | StreamProblem>;
  #isOver = false;

  constructor() {
    this.#walked = walk(this.#parser)
      .catch((thrown: unknown) =>
        thrown instanceof StreamProblem
          ? thrown
          : new StreamProblem(`it cannot be read: ${messageOf(thrown)}`, false, thrown),
      )
      .finally(() => {
        this.#isOver = true;
      });
  }

  /** Behind a problem nothing is looked at any more: `end` tells it. */
  async write(piece: Uint8Array): Promise<void> {
    if (this.#isOver || this.#parser.write(piece)) return;
    const waiting = new AbortController();
    await Promise.race([
      once(this.#parser, 'drain', { signal: waiting.signal }).catch(() => {}),
      this.#walked,
    ]).finally(() => waiting.abort());
  }

  /**
   * The id of every image's configuration by its reference.
   * @throws StreamProblem
   */
  async end(): Promise<ReadonlyMap<string, string>> {
    if (!this.#isOver) this.#parser.end(null);
    const result = await this.#walked;
    if (result instanceof StreamProblem) throw result;
    return result;
  }

  /** Lets go of a stream of which no more comes. */
  stop(): void {
    if (!this.#isOver) this.#parser.destroy();
  }
}

async function walk(entries: AsyncIterable<Entry>): Promise<ReadonlyMap<string, string>> {
  const names = new Set<string>();
  const lists = new Map<string, unknown>();
  for await (const entry of entries) {
    const name = nameOf(entry.header);
    // Two readers of one stream could take one each.
    if (names.has(name)) throw new StreamProblem(`${JSON.stringify(name)} is in it twice`, true);
    if (names.size >= MOST_ENTRIES) throw new StreamProblem('it has more entries than any images', true);
    names.add(name);
    if (LISTS.includes(name)) lists.set(name, await listOf(entry, name));
    else entry.resume();
  }
  return configurations(lists, names);
}

/** The name of an entry that may be there. */
function nameOf({ name, type, linkname, mode }: Header): string {
  const quoted = JSON.stringify(name);
  if (!TYPES.includes(type ?? undefined))
    throw new StreamProblem(`the entry ${quoted} of the kind ${type}`, true);
  if (leaves(name)) throw new StreamProblem(`the path ${quoted}`, true);
  if (((mode ?? 0) & 0o6000) !== 0) throw new StreamProblem(`${quoted}, which runs as its owner`, true);
  if (type === 'symlink') {
    const target = linkname ?? '';
    if (target.startsWith('/') || leaves(posix.join(posix.dirname(name), target)))
      throw new StreamProblem(`the link ${quoted} to ${JSON.stringify(target)}`, true);
  }
  return posix.normalize(name).replace(/\/$/, '');
}

const leaves = (path: string): boolean =>
  path.startsWith('/') || path.includes('\\') || path.split('/').includes('..');

async function listOf(entry: Entry, name: string): Promise<unknown> {
  if (entry.header.type !== 'file') throw new StreamProblem(`${name} is no file`, true);
  if ((entry.header.size ?? 0) > MOST_LIST_BYTES)
    throw new StreamProblem(`${name} is larger than any list of images`, true);
  const pieces: Uint8Array[] = [];
  for await (const piece of entry as AsyncIterable<Uint8Array>) pieces.push(piece);
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (thrown) {
    throw new StreamProblem(`${name} in it is no JSON`, false, thrown);
  }
}

function configurations(
  lists: ReadonlyMap<string, unknown>,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const list = listSchema.safeParse(lists.get('manifest.json'));
  if (!list.success) throw new StreamProblem('it has no list of its images', false);
  const found = new Map<string, string>();
  for (const { Config, RepoTags, Layers } of list.data) {
    const missing = [Config, ...(Layers ?? [])].find((path) => !names.has(path));
    if (missing !== undefined) throw new StreamProblem(`${missing} is missing in it`, false);
    const id = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(Config)?.[1];
    if (id === undefined) throw new StreamProblem(`the configuration ${JSON.stringify(Config)}`, true);
    for (const tag of RepoTags ?? []) {
      if (found.has(familiar(tag))) throw new StreamProblem(`${tag} is in its list twice`, true);
      found.set(familiar(tag), `sha256:${id}`);
    }
  }
  const index = indexSchema.safeParse(lists.get('index.json'));
  const named = (index.data?.manifests ?? []).flatMap(
    ({ annotations }) => annotations?.[NAME_ANNOTATION] ?? [],
  );
  const other = named.find((tag) => !found.has(familiar(tag)));
  if (other !== undefined) throw new StreamProblem(`${other} in one of its lists alone`, true);
  return found;
}
