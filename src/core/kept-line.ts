import type { LogLine } from './ports/engine.ts';

/**
 * A line by itself: what the engine gives is cut out of a piece of the log, so that it would keep the whole piece in memory, and can
 * be read no longer than the piece.
 */
export const keptLine = ({ service, container, stream, timestamp, text }: LogLine): LogLine => ({
  service,
  container,
  stream,
  timestamp: copied(timestamp),
  text: copied(text),
});

const copied = (text: string): string => Buffer.from(text).toString();
