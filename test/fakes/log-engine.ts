import { ApictlError, EXIT } from '../../src/core/errors.ts';
import type { ContainerSummary, EngineEvent, LogLine, LogOptions } from '../../src/core/ports/engine.ts';
import { summary } from './containers.ts';

/** `2026-01-01T00:00:00` and so many nanoseconds, as the engine writes a line's time. */
export const at = (seconds: number, nanoseconds = 0): string =>
  `${new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString().slice(0, 19)}.${String(nanoseconds).padStart(9, '0')}Z`;

interface FakeContainer {
  summary: ContainerSummary;
  readonly lines: LogLine[];
  /** Ends every open reading: with true as the engine ends a log, with false as a connection breaks. */
  readonly readings: Set<(isRegular: boolean) => void>;
  readonly news: Set<() => void>;
}

/** The part of a Docker Engine that keeps logs and tells what happens to containers. */
export class LogEngine {
  readonly #containers = new Map<string, FakeContainer>();
  readonly #listeners = new Set<(event: EngineEvent | null) => void>();
  #isAway = false;
  /** Every question for a log, in order. */
  readonly asked: { readonly id: string; readonly options: LogOptions }[] = [];

  add(id: string, service: string, state: ContainerSummary['state'] = 'running'): void {
    this.#containers.set(id, {
      summary: summary({ id, service, name: `apictl-${service}-1`, state }),
      lines: [],
      readings: new Set(),
      news: new Set(),
    });
  }

  write(id: string, timestamp: string, text: string, stream: LogLine['stream'] = 'stdout'): void {
    const container = this.#get(id);
    const { service, name } = container.summary;
    container.lines.push({ service, container: name, stream, timestamp, text });
    for (const tell of container.news) tell();
  }

  start(id: string): void {
    this.#set(id, 'running');
    this.#tell(id, 'start');
  }

  die(id: string): void {
    const container = this.#set(id, 'exited');
    for (const end of container.readings) end(true);
    this.#tell(id, 'die');
  }

  remove(id: string): void {
    this.#containers.delete(id);
  }

  /** The connection of every reading breaks; the containers go on. */
  cutReadings(): void {
    for (const { readings } of this.#containers.values()) for (const end of readings) end(false);
  }

  goAway(): void {
    this.#isAway = true;
    this.cutReadings();
    for (const tell of this.#listeners) tell(null);
  }

  comeBack(): void {
    this.#isAway = false;
  }

  /** Only the event stream breaks: what happens until it is open again is not told. */
  cutEvents(): void {
    for (const tell of this.#listeners) tell(null);
  }

  get openReadings(): number {
    return [...this.#containers.values()].reduce((sum, { readings }) => sum + readings.size, 0);
  }

  readonly containers = async (): Promise<ContainerSummary[]> => {
    if (this.#isAway) throw away();
    return [...this.#containers.values()].map((container) => container.summary);
  };

  readonly events = (_project: string, signal: AbortSignal): AsyncIterable<EngineEvent> =>
    this.#events(signal);

  readonly logs = (id: string, options: LogOptions): AsyncIterable<readonly LogLine[]> =>
    this.#logs(id, options);

  async *#events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    if (this.#isAway) throw away();
    const queue: (EngineEvent | null)[] = [];
    let wake = () => {};
    const listener = (event: EngineEvent | null): void => {
      queue.push(event);
      wake();
    };
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        for (const event of queue.splice(0)) {
          if (event === null) throw away();
          yield event;
        }
        if (queue.length > 0 || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  async *#logs(id: string, options: LogOptions): AsyncIterable<readonly LogLine[]> {
    this.asked.push({ id, options });
    if (this.#isAway) throw away();
    const container = this.#containers.get(id);
    if (container === undefined) throw refused(`No such container: ${id}`);
    const { since = '', until } = options;
    const isAsked = ({ timestamp }: LogLine) =>
      timestamp >= since && (until === undefined || timestamp <= until);
    let next = options.tail === undefined ? 0 : Math.max(0, container.lines.length - options.tail);
    let ended: boolean | undefined;
    let wake = () => {};
    const end = (isRegular: boolean): void => {
      ended = isRegular;
      wake();
    };
    const news = () => wake();
    const stop = () => end(true);
    container.readings.add(end);
    container.news.add(news);
    options.signal?.addEventListener('abort', stop);
    try {
      for (;;) {
        const lines = container.lines.slice(next).filter(isAsked);
        next = container.lines.length;
        if (lines.length > 0) yield lines;
        if (ended === false) throw away();
        if (next < container.lines.length) continue;
        if (ended === true || options.follow !== true || container.summary.state !== 'running') return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      container.readings.delete(end);
      container.news.delete(news);
      options.signal?.removeEventListener('abort', stop);
    }
  }

  #get(id: string): FakeContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw new Error(`the test knows no container ${id}`);
    return container;
  }

  #set(id: string, state: ContainerSummary['state']): FakeContainer {
    const container = this.#get(id);
    container.summary = { ...container.summary, state };
    return container;
  }

  #tell(id: string, action: EngineEvent['action']): void {
    const { service, name } = this.#get(id).summary;
    for (const tell of this.#listeners) tell({ containerId: id, service, container: name, action });
  }
}

const away = () =>
  new ApictlError({ code: 'ENGINE_UNREACHABLE', exitCode: EXIT.engine, message: 'no Docker Engine answers' });

const refused = (message: string) =>
  new ApictlError({ code: 'ENGINE_REFUSED', exitCode: EXIT.engine, message });
