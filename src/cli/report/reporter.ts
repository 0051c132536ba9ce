import type { Emit } from '../../core/events.ts';

/** How progress is shown on stderr. */
export interface Reporter {
  readonly emit: Emit;
  /** Leaves the terminal clean, so that something else may be written; may be called twice, and events may follow. */
  close(): void;
}

export type Write = (text: string) => void;

/** Only what has to be known: warnings and failures. */
export const quietly = ({ emit, close }: Reporter): Reporter => ({
  emit: (event) => {
    if (event.type === 'warning' || event.type === 'service.failed') emit(event);
  },
  close,
});
