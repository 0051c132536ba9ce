/** The pipeline's state: its books, and what is not as it should be. */
import type { PipelineDocument } from '../api/answers.ts';

export interface Entry {
  readonly name: string;
  readonly events: number;
  readonly meaning: string;
}

/** Where everything that was accepted is now. */
export function booksOf(pipeline: PipelineDocument): readonly Entry[] {
  return [
    { name: 'stored', events: pipeline.stored, meaning: 'can be searched, or has outlived its retention' },
    { name: 'duplicates', events: pipeline.duplicates, meaning: 'delivered again and left out' },
    { name: 'buffered', events: pipeline.buffered, meaning: 'safe on disk, on the way to the store' },
    {
      name: 'dead letters',
      events: pipeline.dead_lettered,
      meaning: 'refused by the store, kept for another try',
    },
    { name: 'quarantined', events: pipeline.quarantined, meaning: 'damaged on disk and set aside' },
  ];
}

/** What is accepted and nowhere; 0 when the books balance. */
export function missing(pipeline: PipelineDocument): number {
  return booksOf(pipeline).reduce((rest, { events }) => rest - events, pipeline.accepted);
}

export interface Part {
  readonly name: string;
  /** undefined when it is well. */
  readonly reason: string | undefined;
}

/** What is not well comes first. */
export function healthOf({ health }: PipelineDocument): Part[] {
  return Object.entries(health)
    .map(([name, state]) => ({ name, reason: state === 'ok' ? undefined : state }))
    .sort((one, other) => Number(one.reason === undefined) - Number(other.reason === undefined));
}
