/** Everything between the doors and the store: buffer, pump, store, follower, retention. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { EventBuffer } from './buffer/buffer.ts';
import { Quarantine } from './buffer/quarantine.ts';
import type { Config } from './config/load.ts';
import { DiskHealth } from './disk-health.ts';
import type { FilePosition, Intake } from './event/model.ts';
import { decodeIntake } from './event/wire.ts';
import { Follower } from './follow/follower.ts';
import type { PartHealth } from './http/health.ts';
import { createMetrics, type Metrics, type Readings } from './http/metrics.ts';
import { createDeliver, type Deliver } from './ingest/deliver.ts';
import type { Log } from './log.ts';
import type { pipelineDocument, sinkDocument } from './manage/routes.ts';
import { createMasker, type Masker } from './mask/mask.ts';
import { compilePatterns } from './mask/patterns.ts';
import { type Backlog, BacklogMeter, NO_BACKLOG } from './sink/backlog.ts';
import type { Elasticsearch } from './sink/elasticsearch.ts';
import { Shipper } from './sink/shipper.ts';
import { Books, UNKNOWN } from './store/books.ts';
import { Courtesy } from './store/courtesy.ts';
import { isFatal, isInvalidated } from './store/errors.ts';
import type { OpenStore, Store } from './store/port.ts';
import { Pump } from './store/pump.ts';
import { applyRetention } from './store/retention.ts';
import { RetentionSettings } from './store/retention-settings.ts';
import { followerEvents, pumpEvents, shipperEvents } from './telling.ts';

const KEEP_EVERY_MS = 30_000;
const MEASURE_EVERY_MS = 10_000;
/** Leaves most of a container's stop grace period for closing the store. */
const DRAIN_MS = 5000;
const FORGET_POSITIONS_AFTER_MS = 86_400_000;

interface Opened {
  readonly store: Store;
  readonly buffer: EventBuffer;
  readonly books: Books;
  readonly quarantine: Quarantine;
  readonly positions: readonly FilePosition[];
  readonly retention: RetentionSettings;
  readonly elasticsearch: Elasticsearch | undefined;
}

/** The client is large: it is loaded where there is something to ship to. */
async function elasticsearchOf({ elasticsearch }: Config): Promise<Elasticsearch | undefined> {
  if (elasticsearch === undefined) return undefined;
  const { Elasticsearch } = await import('./sink/elasticsearch.ts');
  return new Elasticsearch(elasticsearch);
}

export class Pipeline {
  readonly masker: Masker;
  readonly metrics: Metrics;
  readonly deliver: Deliver;
  readonly #config: Config;
  readonly #log: Log;
  readonly #parts: Opened;
  readonly #pump: Pump;
  readonly #follower: Follower;
  readonly #disk: DiskHealth;
  readonly #elasticsearch: Elasticsearch | undefined;
  readonly shipper: Shipper | undefined;
  #backlog: Backlog = NO_BACKLOG;
  readonly #stopping = new AbortController();
  readonly #pumpStopping = new AbortController();
  #running: {
    readonly following: Promise<void>;
    readonly pumping: Promise<void>;
    readonly keeping: Promise<void>;
    readonly shipping: Promise<void>;
    readonly measuring: Promise<void>;
  };

  private constructor(config: Config, log: Log, parts: Opened) {
    this.#config = config;
    this.#log = log;
    this.#parts = parts;
    this.masker = createMasker(config.maskKeys, compilePatterns(config.maskPatterns));
    this.metrics = createMetrics(() => this.readings);
    this.#disk = new DiskHealth(join(config.dataDir, 'buffer'), this.#stopping.signal);
    this.deliver = createDeliver({
      buffer: parts.buffer,
      books: parts.books,
      metrics: this.metrics,
      onDiskError: (error) => {
        this.#disk.fails(error);
        log.write('error', 'the disk refuses events', { error: error.message });
      },
      onDiskWorks: () => this.#disk.works(),
    });
    const courtesy = new Courtesy(parts.buffer, () => parts.buffer.heldBytes / config.bufferBytes);
    this.#pump = new Pump({ ...parts, courtesy, events: pumpEvents(this.metrics, log) });
    this.#elasticsearch = parts.elasticsearch;
    if (this.#elasticsearch !== undefined) {
      this.shipper = new Shipper(parts.store, this.#elasticsearch, shipperEvents(this.metrics, log));
    }
    const { masker } = this;
    this.#follower = new Follower(
      {
        directories: config.followDirs,
        intervalMs: config.followIntervalMs,
        rotateBytes: config.rotateBytes,
        rotateKeep: config.rotateKeep,
        maxLineBytes: config.maxLineBytes,
        masker,
      },
      followerEvents(this.deliver, this.metrics, log),
      parts.positions,
    );
    this.#running = {
      following: Promise.resolve(),
      pumping: Promise.resolve(),
      keeping: Promise.resolve(),
      shipping: Promise.resolve(),
      measuring: Promise.resolve(),
    };
  }

  /** Opens the data directory and goes on where the last run ended. @throws StoreLockedError, StoreTooNewError */
  static async open(config: Config, log: Log, openStore: OpenStore): Promise<Pipeline> {
    const { dataDir, storeMemoryBytes: memoryBytes, storeThreads: threads } = config;
    const { store, state } = await openStore({ dataDir, memoryBytes, threads });
    try {
      if (state.setAside !== undefined)
        log.write('error', 'the store was unreadable', { moved_to: state.setAside });
      const books = new Books(state.accepted);
      const positions = new Map(state.positions.map((position) => [position.key, position]));
      const buffer = await EventBuffer.open({
        directory: join(dataDir, 'buffer'),
        segmentBytes: config.segmentBytes,
        limitBytes: config.bufferBytes,
        storedSequence: state.ledger?.storedSequence,
        // What waits in the buffer was read from its file already.
        onRecovered: (payload) => {
          const intake = readable(payload);
          books.accept(intake?.source ?? UNKNOWN, 1);
          if (intake?.position !== undefined) positions.set(intake.position.key, intake.position);
        },
        onSkipped: (count) => books.accept(UNKNOWN, count),
      });
      if (buffer.recovered.missing > 0) books.accept(UNKNOWN, buffer.recovered.missing);
      const quarantine = await Quarantine.open(join(dataDir, 'quarantine'));
      return new Pipeline(config, log, {
        elasticsearch: await elasticsearchOf(config),
        store,
        buffer,
        books,
        quarantine,
        positions: [...positions.values()],
        retention: await RetentionSettings.open(dataDir, {
          maxAgeMs: config.retentionAgeMs,
          maxBytes: config.retentionBytes,
        }),
      });
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get store(): Store {
    return this.#parts.store;
  }

  get retention(): RetentionSettings {
    return this.#parts.retention;
  }

  /** Fires when the service begins to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts following, storing and cleaning. `onFatal` is told of what only a restart cures. */
  start(onFatal: (error: unknown) => void): void {
    this.#running = {
      pumping: this.#pump.run(this.#pumpStopping.signal).catch(onFatal),
      following: this.#follower.run(this.#stopping.signal).catch(onFatal),
      keeping: this.#keepStore(onFatal),
      shipping: this.shipper?.run(this.#stopping.signal) ?? Promise.resolve(),
      measuring: this.shipper === undefined ? Promise.resolve() : this.#measureBacklog(),
    };
  }

  get readings(): Readings {
    const { buffer, books, store } = this.#parts;
    const { stored, duplicates, quarantined, expired } = store.ledger;
    const { files } = this.#follower;
    return {
      accepted: books.accepted,
      stored,
      duplicates,
      quarantined,
      expired,
      bufferEvents: buffer.heldEvents,
      bufferBytes: buffer.heldBytes,
      oldestUnstoredSeconds: buffer.oldestAgeMs / 1000,
      followedFiles: files.length,
      followLagBytes: files.reduce(
        (sum, { sizeBytes, position }) => sum + Math.max(0, sizeBytes - position),
        0,
      ),
      deadLettered: store.deadLetters('store'),
      sink:
        this.shipper === undefined
          ? undefined
          : {
              ...store.sink,
              deadLettered: store.deadLetters('elasticsearch'),
              backlog: this.#backlog,
              nowUs: Date.now() * 1000,
            },
      isReady: this.health.every(({ reason, isVital }) => reason === undefined || !isVital),
    };
  }

  /** What of the service is not well, and why. */
  get health(): readonly PartHealth[] {
    const isFull = this.#parts.buffer.heldBytes >= this.#config.bufferBytes * 0.95;
    return [
      { part: 'disk', reason: this.#disk.reason, isVital: true },
      {
        part: 'buffer',
        reason: isFull ? 'the buffer is full; the store has to catch up' : undefined,
        isVital: true,
      },
      { part: 'store', reason: this.#pump.lastError?.message, isVital: true },
      // What is taken does not depend on it: it waits in the store.
      ...(this.shipper === undefined
        ? []
        : [{ part: 'elasticsearch', reason: this.shipper.lastError?.message, isVital: false }]),
    ];
  }

  /** The answer of /api/v1/pipeline. */
  async describe(): Promise<z.output<typeof pipelineDocument>> {
    const { accepted, bufferEvents, bufferBytes, oldestUnstoredSeconds, ...counts } = this.readings;
    return {
      accepted: this.#parts.books.acceptedTotal,
      accepted_by_source: Object.fromEntries(accepted),
      stored: counts.stored,
      duplicates: counts.duplicates,
      dead_lettered: counts.deadLettered,
      quarantined: counts.quarantined,
      expired: counts.expired,
      buffered: bufferEvents,
      buffered_bytes: bufferBytes,
      buffer_limit_bytes: this.#config.bufferBytes,
      oldest_unstored_seconds: oldestUnstoredSeconds,
      store_bytes: await this.store.usedBytes(),
      health: Object.fromEntries(this.health.map(({ part, reason }) => [part, reason ?? 'ok'])),
      elasticsearch: await this.#describeSink(),
      files: this.#follower.files.map(({ path, position, sizeBytes, generation }) => ({
        path,
        position,
        size: sizeBytes,
        truncations: generation,
      })),
    };
  }

  async #describeSink(): Promise<z.output<typeof sinkDocument> | null> {
    if (this.shipper === undefined) return null;
    const { delivered, duplicates, expired } = this.store.sink;
    return {
      delivered,
      duplicates,
      expired,
      dead_lettered: this.store.deadLetters('elasticsearch'),
      pending: await this.shipper.pending(),
    };
  }

  /** Ends what would go on for ever: following and live tails. */
  beginStop(): void {
    this.#stopping.abort();
  }

  /** Reads no more, stores what there is time for, closes; what is left waits in the buffer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const { following, keeping, shipping, measuring } = this.#running;
    await Promise.all([following, keeping, shipping, measuring]);
    await this.#elasticsearch?.close();
    await this.#parts.buffer.close();
    this.#pumpStopping.abort();
    await this.#running.pumping;
    await this.#pump.drain(Date.now() + DRAIN_MS);
    await this.#parts.store.close();
  }

  async #measureBacklog(): Promise<void> {
    const { signal } = this.#stopping;
    const meter = new BacklogMeter(this.store);
    while (!signal.aborted) {
      try {
        this.#backlog = await meter.measure();
      } catch (error) {
        this.#log.write('warn', 'the backlog of Elasticsearch could not be measured', {
          error: String(error),
        });
      }
      await delay(MEASURE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What the store needs from time to time: old events removed, new ones indexed, positions of files that are gone forgotten. */
  async #keepStore(onFatal: (error: unknown) => void): Promise<void> {
    const { signal } = this.#stopping;
    const onReopenFailed = (error: unknown): void => {
      if (isFatal(error)) onFatal(error);
      else this.#log.write('error', 'the store could not be opened again', { error: String(error) });
    };
    for (;;) {
      await delay(KEEP_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.store.indexRequests();
        const { byAge, bySize } = await applyRetention(
          this.store,
          this.retention.limits,
          Date.now(),
          this.shipper !== undefined,
        );
        if (byAge + bySize > 0)
          this.#log.write('info', 'retention removed events', { by_age: byAge, by_size: bySize });
        await this.store.forgetPositions(
          this.#follower.liveKeys,
          (Date.now() - FORGET_POSITIONS_AFTER_MS) * 1000,
        );
      } catch (error) {
        this.metrics.error('store');
        this.#log.write('error', 'keeping the store in order failed', { error: String(error) });
        // Where nothing comes in, nobody else would notice.
        if (isFatal(error)) onFatal(error);
        else if (isInvalidated(error)) await this.store.reopen().catch(onReopenFailed);
      }
    }
  }
}

function readable(payload: Uint8Array): Intake | undefined {
  try {
    return decodeIntake(payload);
  } catch {
    return undefined;
  }
}
