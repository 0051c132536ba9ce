import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Answers the addresses of a host name; rejects with an error that carries a DNS `code` (`ENOTFOUND`, `EAI_AGAIN`, ...). */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The system's resolver, so that `/etc/hosts` and a container engine's DNS both count. IPv4 wins where there is both. */
export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true });
  const v4 = found.filter((entry) => entry.family === 4);
  return [...new Set((v4.length > 0 ? v4 : found).map((entry) => entry.address))];
};

export interface Resolution {
  readonly addresses: readonly string[];
  /** Why there is no address, in the words of the health report; undefined when there is one. */
  readonly error: string | undefined;
}

export interface HostResolverOptions {
  readonly resolve: Resolve;
  readonly validTtlMs: number;
  /** After a failure the name is asked for again this soon. */
  readonly errorTtlMs: number;
  readonly now: () => number;
}

interface Entry {
  resolution: Resolution;
  freshUntilMs: number;
  pending: Promise<Resolution> | undefined;
}

interface Watch {
  readonly listeners: Set<(resolution: Resolution) => void>;
  timer: NodeJS.Timeout | undefined;
}

/** The resolver says that the name does not exist, as opposed to not answering at all. */
const isNameError = (code: string): boolean => code === 'ENOTFOUND' || code === 'ENODATA';

const errorWords = (code: string): string =>
  isNameError(code) ? 'dns server error: 3 name error' : `dns client error: ${code}`;

/**
 * Host names to addresses, asked for again after the TTL. When the DNS server does not answer, the last addresses stay
 * in use; when it says that the name is gone, they are dropped.
 */
export class HostResolver {
  readonly #options: HostResolverOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #watches = new Map<string, Watch>();
  #closed = false;

  constructor(options: HostResolverOptions) {
    this.#options = options;
  }

  /** Never rejects: a failure is a resolution without addresses. */
  resolve(host: string): Promise<Resolution> | Resolution {
    if (isIP(host) !== 0) return { addresses: [host], error: undefined };
    const entry = this.#entries.get(host);
    if (entry?.pending) return entry.pending;
    if (entry && entry.freshUntilMs > this.#options.now()) return entry.resolution;
    return this.#refresh(host);
  }

  /** Tells `listener` the addresses now and whenever they change, until the returned function is called. */
  watch(host: string, listener: (resolution: Resolution) => void): () => void {
    if (isIP(host) !== 0) {
      listener({ addresses: [host], error: undefined });
      return () => undefined;
    }
    const watch = this.#watches.get(host) ?? { listeners: new Set(), timer: undefined };
    watch.listeners.add(listener);
    const isFirst = !this.#watches.has(host);
    this.#watches.set(host, watch);
    if (isFirst) void this.#renew(host);
    else
      void Promise.resolve(this.resolve(host)).then(
        (resolution) => watch.listeners.has(listener) && listener(resolution),
      );
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size === 0) {
        clearTimeout(watch.timer);
        if (this.#watches.get(host) === watch) this.#watches.delete(host);
      }
    };
  }

  close(): void {
    this.#closed = true;
    for (const watch of this.#watches.values()) clearTimeout(watch.timer);
    this.#watches.clear();
  }

  async #renew(host: string): Promise<void> {
    const watch = this.#watches.get(host);
    if (!watch) return;
    const resolution = await this.#refresh(host);
    if (this.#closed || this.#watches.get(host) !== watch) return;
    for (const listener of watch.listeners) listener(resolution);
    const delayMs = resolution.error === undefined ? this.#options.validTtlMs : this.#options.errorTtlMs;
    watch.timer = setTimeout(() => void this.#renew(host), delayMs);
    watch.timer.unref();
  }

  #refresh(host: string): Promise<Resolution> {
    const entry: Entry = this.#entries.get(host) ?? {
      resolution: { addresses: [], error: 'dns client error: not asked yet' },
      freshUntilMs: 0,
      pending: undefined,
    };
    if (entry.pending) return entry.pending;
    this.#entries.set(host, entry);
    const pending = this.#ask(host, entry.resolution).then((resolution) => {
      const ttlMs = resolution.error === undefined ? this.#options.validTtlMs : this.#options.errorTtlMs;
      entry.resolution = resolution;
      entry.freshUntilMs = this.#options.now() + ttlMs;
      entry.pending = undefined;
      return resolution;
    });
    entry.pending = pending;
    return pending;
  }

  async #ask(host: string, last: Resolution): Promise<Resolution> {
    try {
      const addresses = await this.#options.resolve(host);
      if (addresses.length === 0) return { addresses, error: errorWords('ENODATA') };
      return { addresses: [...addresses].sort(), error: undefined };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
      if (!isNameError(code) && last.addresses.length > 0) return last;
      return { addresses: [], error: errorWords(code) };
    }
  }
}
