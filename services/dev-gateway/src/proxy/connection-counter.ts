import type { Socket } from 'node:net';
import type { ConnectionCounts } from '../model/health.ts';

/** Counts connections and requests in nginx's terms, for `/status` and the metrics. */
export class ConnectionCounter {
  readonly sockets = new Set<Socket>();
  #accepted = 0;
  #requests = 0;
  #inFlight = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  accept(socket: Socket): void {
    this.#accepted += 1;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  startRequest(): void {
    this.#requests += 1;
    this.#inFlight += 1;
  }

  endRequest(): void {
    this.#inFlight -= 1;
  }

  counts(): ConnectionCounts {
    return {
      accepted: this.#accepted,
      handled: this.#accepted,
      active: this.sockets.size,
      reading: 0,
      writing: this.#inFlight,
      waiting: Math.max(this.sockets.size - this.#inFlight, 0),
      totalRequests: this.#requests,
    };
  }
}
