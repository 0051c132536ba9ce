import type { Emit } from '../../core/events.ts';

/** How progress is shown on stderr. */
export interface Reporter {
  readonly emit: Emit;
  /** Leaves the terminal clean, so that something else may be written; may be called twice, and events may follow. */
  close(): void;
}

export type Write = (text: string) => void;
