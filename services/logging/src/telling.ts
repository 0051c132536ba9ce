/** What happens inside -> metrics and the service's own log. */
import { BufferClosedError, BufferDiskError, BufferFullError } from './buffer/errors.ts';
import type { FollowerEvents } from './follow/follower.ts';
import type { Metrics } from './http/metrics.ts';
import type { Deliver } from './ingest/deliver.ts';
import type { Log } from './log.ts';
import type { ShipperEvents } from './sink/shipper.ts';
import type { PumpEvents } from './store/pump.ts';

export function pumpEvents(metrics: Metrics, log: Log): PumpEvents {
  return {
    onFailure: (error, events) => {
      metrics.error('store', Math.max(1, events));
      log.write('error', 'the store failed; events wait in the buffer', {
        error: error.message,
        waiting: events,
      });
    },
    onQuarantined: (count, reason) => {
      metrics.error('quarantined', count);
      log.write('error', 'events were set aside', { count, reason });
    },
    onRefused: (reason) => {
      metrics.error('dead_letter');
      log.write('error', 'the store refuses an event; it is kept as a dead letter', { reason });
    },
    onDamage: (path, bytes) => {
      metrics.damaged(bytes);
      log.write('warn', 'the buffer holds bytes that are no record; they were set aside', { path, bytes });
    },
  };
}

export function shipperEvents(metrics: Metrics, log: Log): ShipperEvents {
  return {
    onFailure: (error, waiting) => {
      metrics.sinkRetry();
      log.write('warn', 'Elasticsearch takes nothing; events wait in the store', {
        error: error.message,
        waiting,
      });
    },
    onRefused: (reason) => {
      log.write('error', 'Elasticsearch refuses an event; it is kept as a dead letter', { reason });
    },
  };
}

export function followerEvents(deliver: Deliver, metrics: Metrics, log: Log): FollowerEvents {
  return {
    deliver,
    onUnparsable: (source, reason) => {
      metrics.unparsable(source);
      log.write('warn', 'a line was kept as raw text', { source, reason });
    },
    onTruncated: (path) => {
      metrics.truncated();
      log.write('warn', 'a followed file was cut or written anew', { path });
    },
    onRotated: (path) => {
      metrics.rotated();
      log.write('info', 'a log file was rotated', { path });
    },
    onRemoved: (path) => {
      metrics.removed();
      log.write('info', 'a rotated log file was removed after it was read', { path });
    },
    onError: (kind, path, error) => {
      const isRefusal =
        error instanceof BufferFullError ||
        error instanceof BufferDiskError ||
        error instanceof BufferClosedError;
      // A refusal was counted, in events, where it arose; the lines stay in their file.
      if (!isRefusal) metrics.error(kind);
      log.write('warn', `${kind === 'follow' ? 'following' : 'rotating'} a log file failed`, {
        path,
        error: error instanceof Error ? error.message : String(error),
      });
    },
  };
}
