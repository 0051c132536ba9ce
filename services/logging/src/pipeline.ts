/** Everything between the doors and the store, put together: buffer, pump, store, followers, retention. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventBuffer } from './buffer/buffer.ts';
import { Quarantine } from './buffer/quarantine.ts';
import type { Config } from './config/load.ts';
import type { FilePosition, Intake } from './event/model.ts';
import { decodeIntake, encodeIntake } from './event/wire.ts';
import { Follower } from './follow/follower.ts';
import { createMasker, type Masker } from './mask/mask.ts';
import type { Metrics } from './metrics.ts';
import { Books, UNKNOWN } from './store/books.ts';
import { Pump } from './store/pump.ts';
import { applyRetention } from './store/retention.ts';
import { EventStore } from './store/store.ts';

const RETENTION_EVERY_MS = 60_000;
const DRAIN_MS = 8_000;

export interface PipelineState {
  readonly accepted: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly buffered: number;
  readonly bufferedBytes: number;
  readonly quarantined: number;
  readonly expired: number;
  readonly oldestUnstoredSeconds: number;
  readonly storeError: string | null;
  readonly files: readonly { readonly path: string; readonly position: number; readonly sizeBytes: number }[];
}

export class Pipeline {
  readonly masker: Masker;
  readonly store: EventStore;
  readonly #buffer: EventBuffer;
  readonly #books: Books;
  readonly #pump: Pump;
  readonly #follower: Follower;
  readonly #metrics: Metrics;
  readonly #config: Config;
  readonly #stopping = new AbortController();
  readonly #pumpStopping = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #pumping: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();

  private constructor(
    config: Config,
    metrics: Metrics,
    parts: {
      readonly store: EventStore;
      readonly buffer: EventBuffer;
      readonly books: Books;
      readonly quarantine: Quarantine;
      readonly positions: readonly FilePosition[];
    },
  ) {
    this.#config = config;
    this.#metrics = metrics;
    this.masker = createMasker(config.maskKeys);
    this.store = parts.store;
    this.#buffer = parts.buffer;
    this.#books = parts.books;
    this.#pump = new Pump({
      ...parts,
      events: {
        onFailure: () => metrics.error('store'),
        onQuarantined: (count) => metrics.error('quarantine', count),
        onDamage: () => metrics.error('quarantine'),
      },
    });
    this.#follower = new Follower(
      {
        directories: config.followDirs,
        intervalMs: config.followIntervalMs,
        rotateBytes: config.rotateBytes,
        rotateKeep: config.rotateKeep,
        maxLineBytes: config.maxLineBytes,
        masker: this.masker,
      },
      {
        deliver: (intakes) => this.accept(intakes),
        onUnparsable: () => metrics.error('unparsable'),
        onTruncated: () => undefined,
        onRotated: () => undefined,
        onRemoved: () => undefined,
        onError: (kind) => metrics.error(kind),
      },
      parts.positions,
    );
    this.#publishState();
  }

  /** Opens the data directory and goes on where the last run ended. @throws StoreLockedError, StoreTooNewError */
  static async open(config: Config, metrics: Metrics): Promise<Pipeline> {
    await mkdir(config.dataDir, { recursive: true });
    const { store, state } = await EventStore.open({
      dataDir: config.dataDir,
      memoryBytes: config.storeMemoryBytes,
      threads: config.storeThreads,
    });
    const books = new Books(state.accepted);
    const positions = new Map(state.positions.map((position) => [position.key, position]));
    const buffer = await EventBuffer.open({
      directory: join(config.dataDir, 'buffer'),
      segmentBytes: config.segmentBytes,
      limitBytes: config.bufferBytes,
      storedSequence: state.ledger?.storedSequence,
      // What waits in the buffer was read from its file already.
      onRecovered: (payload) => {
        const intake = readable(payload);
        books.accept(intake?.event.source ?? UNKNOWN, 1);
        if (intake?.position !== undefined) positions.set(intake.position.key, intake.position);
      },
      onSkipped: (count) => books.accept(UNKNOWN, count),
    });
    const quarantine = await Quarantine.open(join(config.dataDir, 'quarantine'));
    return new Pipeline(config, metrics, {
      store,
      buffer,
      books,
      quarantine,
      positions: [...positions.values()],
    });
  }

  /** Starts following, storing and cleaning. `onFatal` is told of what only a restart cures. */
  start(onFatal: (error: unknown) => void): void {
    this.#pumping = this.#pump.run(this.#pumpStopping.signal).catch(onFatal);
    this.#following = this.#follower.run(this.#stopping.signal).catch(onFatal);
    this.#keeping = this.#keepRetention();
  }

  /**
   * Takes events durably: resolves after they are on disk, and never before.
   * @throws BufferFullError, BufferDiskError, BufferClosedError: nothing was taken
   */
  async accept(intakes: readonly Intake[]): Promise<void> {
    await this.#buffer.append(intakes.map(encodeIntake));
    for (const { event } of intakes) {
      this.#books.accept(event.source, 1);
      this.#metrics.accepted.inc({ source: event.source });
    }
  }

  get state(): PipelineState {
    const { stored, duplicates, quarantined, expired } = this.store.ledger;
    return {
      accepted: this.#books.acceptedTotal,
      stored,
      duplicates,
      buffered: this.#buffer.heldEvents,
      bufferedBytes: this.#buffer.heldBytes,
      quarantined,
      expired,
      oldestUnstoredSeconds: this.#buffer.oldestAgeMs / 1000,
      storeError: this.#pump.lastError?.message ?? null,
      files: this.#follower.files.map(({ path, position, sizeBytes }) => ({ path, position, sizeBytes })),
    };
  }

  /** Reads no more, stores what is there as far as there is time, closes; what is left waits in the buffer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#following, this.#keeping]);
    this.#pumpStopping.abort();
    await this.#pumping;
    await this.#pump.drain(Date.now() + DRAIN_MS);
    await this.#buffer.close();
    await this.store.close();
  }

  async #keepRetention(): Promise<void> {
    const { signal } = this.#stopping;
    const limits = { maxAgeMs: this.#config.retentionAgeMs, maxBytes: this.#config.retentionBytes };
    while (!signal.aborted) {
      await applyRetention(this.store, limits, Date.now()).catch(() => this.#metrics.error('store'));
      await delay(RETENTION_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #publishState(): void {
    const metrics = this.#metrics;
    metrics.gauge('logging_events_stored', 'Events stored since the store began.', () => this.state.stored);
    metrics.gauge(
      'logging_events_duplicate',
      'Redelivered events that were stored already.',
      () => this.state.duplicates,
    );
    metrics.gauge(
      'logging_events_quarantined',
      'Events set aside as damaged or refused.',
      () => this.state.quarantined,
    );
    metrics.gauge(
      'logging_buffer_events',
      'Events on disk that wait for the store.',
      () => this.state.buffered,
    );
    metrics.gauge('logging_buffer_bytes', 'Bytes of the buffer on disk.', () => this.state.bufferedBytes);
    metrics.gauge(
      'logging_followed_files',
      'Log files that are followed now.',
      () => this.state.files.length,
    );
    metrics.gauge(
      'logging_oldest_unstored_seconds',
      'Age of the oldest event that waits for the store.',
      () => this.state.oldestUnstoredSeconds,
    );
  }
}

function readable(payload: Uint8Array): Intake | undefined {
  try {
    return decodeIntake(payload);
  } catch {
    return undefined;
  }
}
