/** Browser sessions: kept in memory, so that a restart ends them all. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export interface Session {
  /** Has to come back as a header with every request that changes something. */
  readonly csrfToken: string;
  readonly expiresMs: number;
}

const LIFETIME_MS = 12 * 3_600_000;
const MAX_SESSIONS = 1000;

function secret(): string {
  return randomBytes(32).toString('base64url');
}

export class Sessions {
  readonly #nowMs: () => number;
  readonly #sessions = new Map<string, Session>();

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  open(): { readonly id: string; readonly session: Session } {
    if (this.#sessions.size >= MAX_SESSIONS) {
      const oldest = this.#sessions.keys().next();
      if (oldest.done !== true) this.#sessions.delete(oldest.value);
    }
    const id = secret();
    const session = { csrfToken: secret(), expiresMs: this.#nowMs() + LIFETIME_MS };
    this.#sessions.set(id, session);
    return { id, session };
  }

  /** undefined for ids that were never given out, were closed or have expired. */
  find(id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (session === undefined || session.expiresMs > this.#nowMs()) return session;
    this.close(id);
    return undefined;
  }

  close(id: string | undefined): void {
    if (id !== undefined) this.#sessions.delete(id);
  }
}

export function csrfMatches(session: Session, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(session.csrfToken)];
  return a.length === b.length && timingSafeEqual(a, b);
}
