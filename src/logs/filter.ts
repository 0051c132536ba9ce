import type { LogLine } from '../core/ports/engine.ts';
import { isAtLeast, type Level } from './level.ts';

export interface LineFilter {
  readonly grep?: RegExp | undefined;
  readonly level?: Level | undefined;
  readonly requestId?: string | undefined;
}

/** Whether a line is wanted by every given filter. */
export const isWanted = (line: LogLine, filter: LineFilter): boolean =>
  (filter.grep === undefined || filter.grep.test(line.text)) &&
  (filter.level === undefined || isAtLeast(line.text, filter.level)) &&
  (filter.requestId === undefined || line.text.includes(filter.requestId));
