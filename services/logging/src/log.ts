/** The service's own log: JSON lines, in the shape that it reads from others. */

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface Log {
  readonly write: (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** How long one kind of message keeps quiet after it was written: a failing disk must not fill another one. */
const REPEAT_AFTER_MS = 5000;

/** @param sink receives whole lines */
export function createLog(sink: (line: string) => void, nowMs: () => number = Date.now): Log {
  const lastMs = new Map<string, number>();
  return {
    write(level, message, fields = {}) {
      const now = nowMs();
      if (level !== 'info' && now - (lastMs.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS)
        return;
      if (lastMs.size > 1000) lastMs.clear();
      lastMs.set(message, now);
      const line = { timestamp: new Date(now).toISOString(), level, service: 'logging', message, ...fields };
      sink(`${JSON.stringify(line)}\n`);
    },
  };
}
