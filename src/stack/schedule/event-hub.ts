import type { Clock } from '../../core/ports/clock.ts';
import type { Engine, EngineEvent } from '../../core/ports/engine.ts';

const RECONNECT_MS = 500;

/**
 * One event stream for a whole run, handed out by container. A broken stream is opened again; what was missed
 * meanwhile is found by the listeners' own looks at the engine, because a stream cannot be trusted to replay it.
 */
export class EventHub {
  readonly #listeners = new Map<string, Set<(event: EngineEvent) => void>>();

  /** Follows the project's events until the signal aborts. */
  async follow(
    ports: { readonly engine: Pick<Engine, 'events'>; readonly clock: Clock },
    project: string,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of ports.engine.events(project, signal)) this.#publish(event);
      } catch {
        // The engine is away; the waits look at it themselves and report it if it stays away.
      }
      if (!signal.aborted) await ports.clock.sleep(RECONNECT_MS, signal);
    }
  }

  readonly subscribe = (containerId: string, listener: (event: EngineEvent) => void): (() => void) => {
    const listeners = this.#listeners.get(containerId) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(containerId, listeners);
    return () => listeners.delete(listener);
  };

  #publish(event: EngineEvent): void {
    for (const listener of this.#listeners.get(event.containerId) ?? []) listener(event);
  }
}
