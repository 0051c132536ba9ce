/** What Prometheus reads. Names and meanings are documented in docs/logging.md. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Backlog } from '../sink/backlog.ts';
import type { SinkLedger } from '../store/sink-ledger.ts';

/** What this service failed at. Each kind counts events, except `rejected`, `follow`, `rotate` and `internal`: occurrences. */
export const ERROR_KINDS = [
  'rejected',
  'buffer_full',
  'disk',
  'store',
  'quarantined',
  'dead_letter',
  'follow',
  'rotate',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Figures that are read at the moment of the scrape. */
export interface Readings {
  readonly accepted: ReadonlyMap<string, number>;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly expired: number;
  /** Refused by the store, waiting for another try. */
  readonly deadLettered: number;
  /** undefined where no Elasticsearch is configured. */
  readonly sink:
    | (SinkLedger & { readonly deadLettered: number; readonly backlog: Backlog; readonly nowUs: number })
    | undefined;
  readonly bufferEvents: number;
  readonly bufferBytes: number;
  readonly oldestUnstoredSeconds: number;
  readonly followedFiles: number;
  readonly followLagBytes: number;
  readonly isReady: boolean;
}

type SinkReadings = NonNullable<Readings['sink']>;

export interface Metrics {
  readonly registry: Registry;
  readonly error: (kind: ErrorKind, count?: number) => void;
  readonly request: (listener: string, route: string, code: number) => void;
  /** Elasticsearch took nothing, and is asked again. */
  readonly sinkRetry: () => void;
  readonly acknowledged: (seconds: number) => void;
  readonly unparsable: (source: string) => void;
  readonly damaged: (bytes: number) => void;
  readonly rotated: () => void;
  readonly removed: () => void;
  readonly truncated: () => void;
}

/** What became of the events that Elasticsearch was offered; absent where none is configured. */
function registerSink(registry: Registry, readings: () => Readings): void {
  new Counter({
    name: 'logging_sink_events_total',
    help: 'Events offered to Elasticsearch, by what became of them.',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      this.reset();
      const { sink } = readings();
      if (sink === undefined) return;
      for (const outcome of ['delivered', 'duplicates', 'expired'] as const)
        this.inc({ outcome }, sink[outcome]);
    },
  });
  const sinkGauge = (name: string, help: string, read: (sink: SinkReadings) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        const { sink } = readings();
        // Without Elasticsearch there is no backlog, not one of zero.
        if (sink === undefined) this.remove();
        else this.set(read(sink));
      },
    });
  sinkGauge(
    'logging_sink_dead_letters',
    'Events that Elasticsearch refused and that wait for another try.',
    ({ deadLettered }) => deadLettered,
  );
  sinkGauge(
    'logging_sink_backlog_events',
    'Events that Elasticsearch is still to get; measured every ten seconds.',
    ({ backlog }) => backlog.events,
  );
  sinkGauge(
    'logging_sink_backlog_bytes',
    'Bytes of the records that Elasticsearch is still to get.',
    ({ backlog }) => backlog.bytes,
  );
  sinkGauge(
    'logging_sink_backlog_oldest_seconds',
    'How long the oldest event has been waiting for Elasticsearch.',
    ({ backlog, nowUs }) =>
      backlog.oldestUs === undefined ? 0 : Math.max(0, (nowUs - backlog.oldestUs) / 1e6),
  );
}

/** A counter whose value is kept elsewhere, in books that survive a restart. */
function kept(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** What the books say about every event that was ever accepted; they balance at any moment. */
export function booksDifference(
  readings: Pick<
    Readings,
    'accepted' | 'stored' | 'duplicates' | 'quarantined' | 'deadLettered' | 'bufferEvents'
  >,
): number {
  let accepted = 0;
  for (const count of readings.accepted.values()) accepted += count;
  const { stored, duplicates, quarantined, deadLettered, bufferEvents } = readings;
  return accepted - (stored + duplicates + quarantined + deadLettered + bufferEvents);
}

export function createMetrics(readings: () => Readings): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  new Counter({
    name: 'logging_events_accepted_total',
    help: 'Events made durable, since the data directory began.',
    labelNames: ['source'] as const,
    registers,
    collect() {
      this.reset();
      for (const [source, count] of readings().accepted) this.inc({ source }, count);
    },
  });
  kept(registry, 'logging_events_stored_total', 'Events put into the store.', () => readings().stored);
  kept(
    registry,
    'logging_events_duplicate_total',
    'Events left out because the store had them.',
    () => readings().duplicates,
  );
  kept(
    registry,
    'logging_events_quarantined_total',
    'Events damaged on disk or refused by the store.',
    () => readings().quarantined,
  );
  kept(
    registry,
    'logging_events_expired_total',
    'Stored events removed by retention.',
    () => readings().expired,
  );
  registerSink(registry, readings);
  gauge(
    registry,
    'logging_dead_letters',
    'Events that the store refused and that wait for another try.',
    () => readings().deadLettered,
  );
  gauge(
    registry,
    'logging_buffer_events',
    'Durable events that the store does not have yet.',
    () => readings().bufferEvents,
  );
  gauge(
    registry,
    'logging_books_difference',
    'Accepted events less those that are stored, duplicates, buffered, dead letters or quarantined: 0 unless events were lost or made up.',
    () => booksDifference(readings()),
  );
  gauge(registry, 'logging_buffer_bytes', 'Bytes of the buffer in use.', () => readings().bufferBytes);
  gauge(
    registry,
    'logging_oldest_unstored_seconds',
    'Age of the oldest event waiting for the store.',
    () => readings().oldestUnstoredSeconds,
  );
  gauge(registry, 'logging_followed_files', 'Log files being followed.', () => readings().followedFiles);
  gauge(
    registry,
    'logging_follow_lag_bytes',
    'Bytes of followed files not read yet.',
    () => readings().followLagBytes,
  );
  gauge(registry, 'logging_ready', '1 while events are taken and stored.', () =>
    readings().isReady ? 1 : 0,
  );

  const errors = new Counter({
    name: 'logging_errors_total',
    help: 'What this service failed at, by kind.',
    labelNames: ['kind'] as const,
    registers,
  });
  for (const kind of ERROR_KINDS) errors.inc({ kind }, 0);
  const requests = new Counter({
    name: 'logging_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['listener', 'route', 'code'] as const,
    registers,
  });
  const acknowledgements = new Histogram({
    name: 'logging_acknowledge_seconds',
    help: 'Time from a parsed batch to its fsync.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const sinkRetries = new Counter({
    name: 'logging_sink_retries_total',
    help: 'Times that Elasticsearch took nothing and was asked again.',
    registers,
  });
  const unparsable = new Counter({
    name: 'logging_unparsable_lines_total',
    help: 'Lines of followed files kept as raw text.',
    labelNames: ['source'] as const,
    registers,
  });
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  const damagedBytes = counter(
    'logging_buffer_damaged_bytes_total',
    'Bytes of the buffer set aside as unreadable.',
  );
  const rotations = counter('logging_file_rotations_total', 'Followed files renamed because of their size.');
  const removals = counter('logging_file_removals_total', 'Rotated files deleted after they were read.');
  const truncations = counter('logging_file_truncations_total', 'Followed files found cut or written anew.');

  return {
    registry,
    error: (kind, count = 1) => errors.inc({ kind }, count),
    request: (listener, route, code) => requests.inc({ listener, route, code: String(code) }),
    sinkRetry: () => sinkRetries.inc(),
    acknowledged: (seconds) => acknowledgements.observe(seconds),
    unparsable: (source) => unparsable.inc({ source }),
    damaged: (bytes) => damagedBytes.inc(bytes),
    rotated: () => rotations.inc(),
    removed: () => removals.inc(),
    truncated: () => truncations.inc(),
  };
}
