import { emptySnapshot, type Snapshot, type SnapshotSource } from '../model/snapshot.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { ENTITIES } from '../schema/registry.ts';
import type { Storage, Tables } from './tables.ts';

type MapName = Exclude<keyof Snapshot, 'version'>;

const MAPS: Readonly<Record<string, MapName>> = {
  services: 'services',
  routes: 'routes',
  upstreams: 'upstreams',
  targets: 'targets',
  consumers: 'consumers',
  keyauth_credentials: 'keyAuthCredentials',
  basicauth_credentials: 'basicAuthCredentials',
  jwt_secrets: 'jwtCredentials',
  acls: 'aclGroups',
  hmacauth_credentials: 'hmacAuthCredentials',
  plugins: 'plugins',
  certificates: 'certificates',
  snis: 'snis',
  ca_certificates: 'caCertificates',
};

/** The longest that a timer can wait; later expiries are looked at again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

async function loadMap(tables: Tables, schema: EntitySchema): Promise<ReadonlyMap<string, PlainRecord>> {
  const entities = await tables.findAll(schema);
  return new Map(entities.map((entity) => [String(entity.id), entity]));
}

const shortestLife = (maps: readonly ReadonlyMap<string, PlainRecord>[]): number | undefined => {
  const lives = maps
    .flatMap((map) => [...map.values()])
    .flatMap(({ ttl }) => (typeof ttl === 'number' ? [ttl] : []));
  return lives.length === 0 ? undefined : Math.max(1, Math.min(...lives));
};

/** The entities that the proxy looks at; the others are read where they are asked for. */
const FOLLOWED = ENTITIES.filter(({ name }) => MAPS[name] !== undefined);

/** Every followed entity's name; what to load at the start and after a lost connection. */
const everything = (): Set<string> => new Set(FOLLOWED.map(({ name }) => name));

/**
 * Keeps the last snapshot in memory and renews the parts of it that changed. Loads run one after the other; changes that
 * come while one is under way are taken together into the next.
 */
export class SnapshotKeeper implements SnapshotSource {
  readonly #storage: Storage;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  readonly #stale = new Set<string>();
  readonly #expiry = new Map<string, NodeJS.Timeout>();
  #snapshot: Snapshot = emptySnapshot();
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  current(): Snapshot {
    return this.#snapshot;
  }

  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Loads the named entities again, all of them when none is named, and waits until the snapshot holds at least what
   * was stored when this was called. What could not be loaded stays marked and comes with the next refresh.
   */
  refresh(names: ReadonlySet<string> = everything()): Promise<void> {
    for (const name of names) this.#stale.add(name);
    // The load under way may have read before this change: one more follows it, for all who wait.
    if (this.#running !== undefined) this.#following ??= this.#running.then(this.#next, this.#next);
    return this.#following ?? this.#start();
  }

  stop(): void {
    for (const timer of this.#expiry.values()) clearTimeout(timer);
    this.#expiry.clear();
    this.#listeners.clear();
  }

  readonly #next = (): Promise<void> => this.#start();

  #start(): Promise<void> {
    this.#following = undefined;
    this.#running = this.#load().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #load(): Promise<void> {
    const names = [...this.#stale];
    this.#stale.clear();
    const schemas = FOLLOWED.filter(({ name }) => names.includes(name));
    if (schemas.length === 0) return;
    try {
      // All tables as of one moment: a route is never seen without its service.
      const parts = await this.#storage.readTogether(async (tables) => {
        const loaded: [EntitySchema, ReadonlyMap<string, PlainRecord>][] = [];
        for (const schema of schemas) loaded.push([schema, await loadMap(tables, schema)]);
        return loaded;
      });
      this.#publish(parts);
    } catch (error) {
      for (const name of names) this.#stale.add(name);
      throw error;
    }
  }

  #publish(parts: readonly [EntitySchema, ReadonlyMap<string, PlainRecord>][]): void {
    const changed = Object.fromEntries(parts.map(([schema, map]) => [MAPS[schema.name], map]));
    this.#snapshot = { ...this.#snapshot, ...changed, version: this.#snapshot.version + 1 };
    for (const [schema, map] of parts) {
      if (schema.fields.ttl !== undefined) this.#scheduleExpiry(schema.name, shortestLife([map]));
    }
    for (const listener of this.#listeners) listener(this.#snapshot);
  }

  #scheduleExpiry(name: string, secondsLeft: number | undefined): void {
    clearTimeout(this.#expiry.get(name));
    if (secondsLeft === undefined) return;
    const timer = setTimeout(
      () => void this.refresh(new Set([name])).catch(() => undefined),
      Math.min(secondsLeft * 1000, LONGEST_TIMER_MS),
    );
    timer.unref();
    this.#expiry.set(name, timer);
  }
}
