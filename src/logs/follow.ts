import { messageOf } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { ContainerSummary, Engine } from '../core/ports/engine.ts';
import { Cursor } from './cursor.ts';
import type { Batch } from './merge.ts';
import type { Source } from './read.ts';
import { Reorder } from './reorder.ts';

export interface FollowPorts {
  readonly engine: Pick<Engine, 'logs' | 'containers' | 'events'>;
  readonly clock: Clock;
}

export interface FollowRequest {
  readonly project: string;
  readonly isWanted: (service: string) => boolean;
  /** How far the logs of the containers have been read; a container that is not in it is read from its first line. */
  readonly cursors: Map<string, Cursor>;
  readonly onLines: (batch: Batch) => void;
  readonly onWarning: (text: string) => void;
}

/** Time for the engine to settle after a log ended, before it is looked at why. */
const SETTLE_MS = 200;
/** The event stream tells what happens; the listing is only asked again in case it did not. */
const LOOK_AGAIN_MS = 10_000;
const RECONNECT_MS = 500;

/**
 * Follows the lines of the wanted services as they come, until the signal aborts: across the end and start of containers,
 * containers that take another's place, and an engine that is away for a while. No line comes twice, none is left out.
 */
export async function followLogs(
  ports: FollowPorts,
  request: FollowRequest,
  signal: AbortSignal,
): Promise<void> {
  await new Follower(ports, request, signal).run();
}

class Follower {
  readonly #ports: FollowPorts;
  readonly #request: FollowRequest;
  readonly #signal: AbortSignal;
  readonly #lines: Reorder;
  /** Container -> its reading; `again` asks for another round when the present one ends. */
  readonly #readings = new Map<string, { again: boolean; done: Promise<void> }>();
  /** Containers that do not run and have been read to their end. */
  readonly #finished = new Set<string>();
  readonly #failures = new Map<string, string>();
  #wake = new AbortController();
  #isAway = false;

  constructor(ports: FollowPorts, request: FollowRequest, signal: AbortSignal) {
    this.#ports = ports;
    this.#request = request;
    this.#signal = signal;
    this.#lines = new Reorder(ports.clock, request.onLines);
  }

  async run(): Promise<void> {
    const listening = this.#listen();
    while (!this.#signal.aborted) {
      this.#wake = new AbortController();
      const isThere = await this.#look();
      await this.#ports.clock.sleep(
        isThere ? LOOK_AGAIN_MS : RECONNECT_MS,
        AbortSignal.any([this.#signal, this.#wake.signal]),
      );
      if (this.#wake.signal.aborted) await this.#ports.clock.sleep(SETTLE_MS, this.#signal);
    }
    await Promise.all([listening, ...[...this.#readings.values()].map(({ done }) => done)]);
    this.#lines.flush();
  }

  /** Learns from the engine's events which containers start and end; these are read at once, without a listing. */
  async #listen(): Promise<void> {
    const { engine, clock } = this.#ports;
    while (!this.#signal.aborted) {
      try {
        for await (const event of engine.events(this.#request.project, this.#signal)) {
          if (event.action !== 'start' && event.action !== 'die') continue;
          const { containerId: id, service, container: name = service } = event;
          this.#finished.delete(id);
          if (this.#request.isWanted(service)) this.#read({ id, service, name });
        }
      } catch {
        // The look at the engine tells whether it is away.
      }
      // What happened while nobody listened is found by a look at everything.
      this.#forgetEndings();
      this.#wake.abort();
      await clock.sleep(RECONNECT_MS, this.#signal);
    }
  }

  /** Reads every wanted container that is not being read and may have something new. False when the engine is away. */
  async #look(): Promise<boolean> {
    let containers: readonly ContainerSummary[];
    try {
      containers = await this.#ports.engine.containers(this.#request.project);
    } catch (thrown) {
      if (!this.#isAway && !this.#signal.aborted)
        this.#request.onWarning(`${messageOf(thrown)}; the logs go on when it is back`);
      this.#isAway = true;
      return false;
    }
    if (this.#isAway) this.#forgetEndings();
    this.#isAway = false;
    this.#tellFailures(containers);
    for (const container of containers) {
      const isOver = this.#finished.has(container.id) && container.state !== 'running';
      const isReading = this.#readings.has(container.id) || this.#failures.has(container.id);
      if (this.#request.isWanted(container.service) && !isOver && !isReading) this.#read(container);
    }
    return true;
  }

  /** After a time without news every container may have started, ended, or become readable. */
  #forgetEndings(): void {
    this.#finished.clear();
    this.#failures.clear();
  }

  /** A log that cannot be read is told once, unless its container is simply gone. */
  #tellFailures(containers: readonly ContainerSummary[]): void {
    for (const [id, text] of this.#failures) {
      const container = containers.find((candidate) => candidate.id === id);
      if (container === undefined) this.#failures.delete(id);
      else if (text !== '') this.#request.onWarning(`${container.name}: ${text}`);
      if (container !== undefined) this.#failures.set(id, '');
    }
  }

  #read(container: Source): void {
    const present = this.#readings.get(container.id);
    if (present !== undefined) {
      present.again = true;
      return;
    }
    const reading = { again: false, done: Promise.resolve() };
    this.#readings.set(container.id, reading);
    reading.done = this.#readRounds(container, reading).finally(() => {
      this.#readings.delete(container.id);
      this.#wake.abort();
    });
  }

  async #readRounds(container: Source, reading: { again: boolean }): Promise<void> {
    const cursor = this.#request.cursors.get(container.id) ?? new Cursor();
    this.#request.cursors.set(container.id, cursor);
    do {
      reading.again = false;
      await this.#readOnce(container, cursor);
    } while (reading.again && !this.#signal.aborted);
  }

  async #readOnce(container: Source, cursor: Cursor): Promise<void> {
    const since = cursor.resume();
    try {
      const log = this.#ports.engine.logs(container.id, {
        service: container.service,
        container: container.name,
        follow: true,
        signal: this.#signal,
        ...(since === undefined ? {} : { since }),
      });
      for await (const batch of log) for (const line of batch) if (cursor.accept(line)) this.#lines.add(line);
      this.#finished.add(container.id);
      this.#failures.delete(container.id);
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === 'ENGINE_REFUSED')
        this.#failures.set(container.id, messageOf(thrown));
    }
  }
}
