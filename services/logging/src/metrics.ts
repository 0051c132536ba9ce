/** What Prometheus scrapes. README.md explains each name. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type ErrorKind = 'unparsable' | 'follow' | 'rotate' | 'store' | 'quarantine' | 'refused' | 'query';

export class Metrics {
  readonly registry = new Registry();
  readonly accepted = new Counter({
    name: 'logging_events_accepted_total',
    help: 'Events taken durably, by source.',
    labelNames: ['source'],
    registers: [this.registry],
  });
  readonly errors = new Counter({
    name: 'logging_errors_total',
    help: 'Things that went wrong, by kind.',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  readonly requests = new Counter({
    name: 'logging_requests_total',
    help: 'Answered HTTP requests, by status code.',
    labelNames: ['code'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const kinds: readonly ErrorKind[] = [
      'unparsable',
      'follow',
      'rotate',
      'store',
      'quarantine',
      'refused',
      'query',
    ];
    // A counter that begins at its first error has no rate for it.
    for (const kind of kinds) this.errors.inc({ kind }, 0);
  }

  error(kind: ErrorKind, count = 1): void {
    this.errors.inc({ kind }, count);
  }

  /** A gauge whose value is looked up at each scrape. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
