import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { BringUpServices } from '../../src/app/backup/restore-steps.ts';
import type { Project } from '../../src/app/project/project.ts';
import type { World } from '../../src/app/world.ts';
import { entriesOfFolder } from '../../src/backup/tree.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { ContainerState } from '../../src/core/ports/engine.ts';
import type { ContainerCommand } from '../../src/core/ports/engine-data.ts';
import { collected } from '../support/backup-archive.ts';
import { summary } from './containers.ts';
import { memoryFiles } from './memory-files.ts';

/** What `kill -9` is to a program: from one call on, nothing it does happens any more. */
export class Killed extends Error {}

/**
 * An engine with a stack of PostgreSQL and the logging service, as far as a backup and a restore have to do with it: volumes,
 * containers, what lies in a container, and databases as rows of text. It counts what changes something, and can die before any
 * of it.
 */
export class FakeStack {
  readonly name = 'shop';
  readonly root = '/srv/shop';
  readonly files = memoryFiles();
  readonly volumes = new Map<string, Readonly<Record<string, string>>>();
  readonly containers = new Map<string, ContainerState>();
  /** Of the logging service: path -> text. */
  logging: Record<string, string> = {};
  /** Database -> its rows. */
  databases = new Map<string, readonly string[]>();
  nowMs = Date.parse('2026-11-26T15:00:00.000Z');
  changes = 0;
  #diesAt = Number.POSITIVE_INFINITY;

  /** A stack that runs and has data. */
  fill(): void {
    for (const name of ['postgres-data', 'logging-data']) this.volumes.set(`${this.name}_${name}`, {});
    for (const service of ['postgres', 'logging']) this.containers.set(service, 'running');
    this.databases.set('kong', ['route a', 'route b']);
    this.databases.set('orders', ['1', '2', '3']);
    this.logging = { 'store.db': 'events', 'buffer/1.seg': 'records' };
    this.files.content.set(`${this.root}/apictl.yaml`, Buffer.from('project: shop\n'));
    this.files.content.set(
      `${this.root}/secrets/values/postgres-password`,
      Buffer.from('s3cret-of-postgres'),
    );
  }

  /** Lets this many changes happen; then everything fails, as for a process that is gone. */
  dieAfter(changes: number): void {
    this.changes = 0;
    this.#diesAt = changes;
  }

  live(): void {
    this.#diesAt = Number.POSITIVE_INFINITY;
  }

  get isDead(): boolean {
    return this.changes > this.#diesAt;
  }

  change(): void {
    this.changes += 1;
    if (this.isDead) throw new Killed();
  }

  project(): Project {
    const config = configSchema.parse({ project: this.name, images: 'embedded' });
    return { root: this.root, file: `${this.root}/apictl.yaml`, config, dotenv: {} };
  }

  /** Makes containers and volumes where they are missing, and starts those that are asked for. */
  readonly up: BringUpServices = async (_world, _project, options) => {
    this.change();
    for (const name of ['postgres-data', 'logging-data'])
      if (!this.volumes.has(`${this.name}_${name}`)) this.volumes.set(`${this.name}_${name}`, {});
    for (const service of ['postgres', 'logging']) {
      if (!this.containers.has(service)) this.containers.set(service, 'created');
      const isWanted = options.services.length === 0 || options.services.includes(service);
      if (options.createOnly !== true && isWanted) this.containers.set(service, 'running');
    }
    // The image's first start makes the database that Kong uses.
    if (this.containers.get('postgres') === 'running' && !this.databases.has('kong'))
      this.databases.set('kong', []);
    return { plan: { operations: [], leftovers: [], orphans: [], surge: null, retired: [] } };
  };

  world(archiveFiles: World['archiveFiles']): World {
    const { files } = this;
    const given: Partial<World> = {
      files: { ...files, write: this.#changing(files.write), remove: this.#changing(files.remove) },
      archiveFiles: {
        open: archiveFiles.open,
        create: async (path) => {
          this.change();
          const file = await archiveFiles.create(path);
          return {
            write: this.#changing(file.write),
            commit: this.#changing(file.commit),
            discard: async () => {
              if (!this.isDead) return file.discard();
              // The kernel closes the files of a process that is gone, and what it has written stays.
              const left = readFileSync(path);
              await file.discard();
              writeFileSync(path, left);
            },
          };
        },
      },
      engine: this.#engine() as World['engine'],
      engineData: this.#engineData(),
      clock: { now: () => this.nowMs, sleep: async () => {} },
      lock: { take: async () => ({ fd: 0, release: () => {} }) },
      emit: () => {},
      signal: new AbortController().signal,
      workingFolder: this.root,
      packageRoot: '/package',
    };
    return given as World;
  }

  #changing<Words extends unknown[], T>(work: (...words: Words) => Promise<T>) {
    return async (...words: Words): Promise<T> => {
      this.change();
      return work(...words);
    };
  }

  #engine(): Partial<World['engine']> {
    return {
      facts: async () =>
        ({ endpoint: 'tcp://elsewhere', dataFolder: '/' }) as Awaited<ReturnType<World['engine']['facts']>>,
      containers: async () =>
        [...this.containers].map(([service, state]) =>
          summary({ service, state, labels: { 'io.apictl.flavour': 'embedded' } }),
        ),
      volumes: async () =>
        [...this.volumes].map(([name, labels]) => ({ name, labels, driver: 'local', options: {} })),
      networks: async () => [],
      stop: this.#changing(async (id) => void this.containers.set(this.#serviceOf(id), 'exited')),
      remove: this.#changing(async (id) => void this.containers.delete(this.#serviceOf(id))),
      removeVolume: this.#changing(async (name: string) => {
        this.volumes.delete(name);
        if (name.endsWith('postgres-data')) this.databases = new Map();
        if (name.endsWith('logging-data')) this.logging = {};
      }),
    };
  }

  #serviceOf(id: string): string {
    return id.replace(/^id-/, '');
  }

  #engineData(): World['engineData'] {
    return {
      run: (_id, argv, options) => this.#run(argv, options?.input),
      readFolder: async () => {
        const archive = pack();
        archive.entry({ name: 'logging/', type: 'directory' });
        for (const [path, text] of Object.entries(this.logging))
          archive.entry({ name: `logging/${path}` }, text);
        archive.finalize();
        return (archive as unknown as Readable).pipe(new PassThrough());
      },
      writeFolder: async (_id, _path, tar) => {
        for await (const { path, content } of entriesOfFolder(await prefixed(tar), () => {})) {
          this.change();
          this.logging[path] = (await collected(content)).toString('utf8');
        }
      },
      pause: this.#changing(async (id: string) => void this.containers.set(this.#serviceOf(id), 'paused')),
      resume: this.#changing(async (id: string) => void this.containers.set(this.#serviceOf(id), 'running')),
      makeVolume: this.#changing(async (name: string, labels: Readonly<Record<string, string>>) => {
        if (!this.volumes.has(name)) this.volumes.set(name, labels);
      }),
    };
  }

  /** The commands of src/backup/database.ts, by what is told from them. */
  #run(argv: readonly string[], input: AsyncIterable<Uint8Array> | undefined): ContainerCommand {
    let stderr = '';
    const answer = async (): Promise<string> => {
      const said = argv.join(' ');
      const [last = ''] = argv.slice(-1);
      if (said.includes('server_version_num'))
        return '{"version": "17.5 (Debian 17.5-1)", "number": 170005}\n';
      if (said.includes('FROM pg_database WHERE datallowconn'))
        return [...this.databases.keys()].map((name) => JSON.stringify({ name })).join('\n');
      if (argv[0] === 'pg_dumpall') return 'CREATE ROLE kong;\nCREATE ROLE shop_reader;\n';
      if (argv[3] === 'dump') {
        stderr = this.#tables(last);
        return JSON.stringify(this.databases.get(last));
      }
      if (argv[3] === 'count') return this.#tables(last);
      const given = input === undefined ? '' : (await collected(input)).toString('utf8');
      this.change();
      if (argv[3] === 'make' && !this.databases.has(last)) this.databases.set(last, []);
      if (argv[0] === 'pg_restore') this.databases.set(argv[4] ?? '', JSON.parse(given));
      return '';
    };
    const output = async function* (): AsyncIterable<Buffer> {
      yield Buffer.from(await answer());
    };
    return { output: output(), stderr: () => stderr };
  }

  #tables(database: string): string {
    const rows = this.databases.get(database) ?? [];
    return JSON.stringify({ table: 'public.rows', rows: rows.length, checksum: rows.join('+') });
  }
}

/** The engine puts the folder's name before what it gives, and takes paths without it. */
async function prefixed(tar: Readable): Promise<Readable> {
  const { extract } = await import('tar-stream');
  const archive = pack();
  const parser = extract();
  tar.pipe(parser as unknown as NodeJS.WritableStream);
  for await (const entry of parser) {
    const bytes = await collected(entry as AsyncIterable<Uint8Array>);
    archive.entry({ ...entry.header, name: `logging/${entry.header.name}` }, bytes);
  }
  archive.finalize();
  return (archive as unknown as Readable).pipe(new PassThrough());
}
