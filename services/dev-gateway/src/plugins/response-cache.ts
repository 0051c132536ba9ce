/** Responses that are kept in memory to be given again. */
import type { CachedResponses } from '../model/health.ts';

export interface CachedResponse {
  readonly status: number;
  /** Name and value one after the other, as they came. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** When it was stored; seconds since the epoch. */
  readonly timestamp: number;
  /** How long it is fresh, in seconds. */
  readonly ttl: number;
}

interface Entry {
  readonly response: CachedResponse;
  readonly expiresAtMs: number;
}

/** As much as Kong's shared memory holds by default. */
const MOST_BYTES = 128 * 1024 * 1024;

/** What was used longest ago goes when the memory is full. */
export class ResponseCache implements CachedResponses {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  #bytes = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  show(key: string): Readonly<Record<string, unknown>> | undefined {
    const response = this.fetch(key);
    if (response === undefined) return undefined;
    const { status, headers, body, timestamp, ttl } = response;
    const shown: Record<string, string> = {};
    for (let index = 0; index + 1 < headers.length; index += 2) {
      shown[headers[index] ?? ''] = headers[index + 1] ?? '';
    }
    const text = body.toString('utf8');
    return { status, headers: shown, body: text, body_len: body.length, timestamp, ttl, version: 1 };
  }

  fetch(key: string): CachedResponse | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.purge(key);
    if (entry.expiresAtMs <= this.#now()) return undefined;
    this.#add(key, entry);
    return entry.response;
  }

  /** @param storageSeconds how long it is kept, fresh or not */
  store(key: string, response: CachedResponse, storageSeconds: number): void {
    this.purge(key);
    if (response.body.length > MOST_BYTES) return;
    this.#add(key, { response, expiresAtMs: this.#now() + storageSeconds * 1000 });
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= MOST_BYTES) break;
      this.purge(oldest);
    }
  }

  purge(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.response.body.length;
    this.#entries.delete(key);
  }

  flush(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.response.body.length;
  }
}
