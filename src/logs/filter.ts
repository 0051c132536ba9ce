import type { LogLine } from '../core/ports/engine.ts';
import { Continuation } from './continuation.ts';
import { isAtLeast, type Level } from './level.ts';
import { parseLine } from './parse.ts';
import type { Pattern } from './pattern.ts';
import type { LogRecord } from './record.ts';

export interface LineFilter {
  readonly grep?: Pattern | undefined;
  readonly level?: Level | undefined;
  readonly requestId?: string | undefined;
}

export const isFiltering = (filter: LineFilter): boolean =>
  filter.grep !== undefined || filter.level !== undefined || filter.requestId !== undefined;

interface StreamState {
  readonly continuation: Continuation;
  wasWanted: boolean | undefined;
}

const newStream = (): StreamState => ({ continuation: new Continuation(), wasWanted: undefined });

/**
 * Whether a line is wanted by every given filter. A line that goes on with the one before it (of the same stream of the
 * same container) shares its fate, so that a stack trace stays whole. Ask for every line once, in their order.
 */
export function lineFilter(filter: LineFilter): (line: LogLine) => boolean {
  // Container -> its two streams.
  const containers = new Map<string, Record<LogLine['stream'], StreamState>>();
  const hasId = filter.requestId === undefined ? () => true : mentions(filter.requestId);
  const isWanted = (text: string, record: LogRecord | undefined): boolean =>
    hasId(text) &&
    (filter.grep?.matches(text) ?? true) &&
    (filter.level === undefined || record === undefined || isAtLeast(record.level, filter.level));
  return ({ stream: name, container, text }) => {
    let streams = containers.get(container);
    if (streams === undefined) {
      streams = { stdout: newStream(), stderr: newStream() };
      containers.set(container, streams);
    }
    const stream = streams[name];
    const record = filter.level === undefined ? undefined : parseLine(text);
    const goesOn = stream.continuation.next(text) || isContinuing(text, record);
    if (goesOn && stream.wasWanted === true) return true;
    const wanted = isWanted(text, record);
    // A line of a trace that matches by itself does not make the rest of the trace match.
    if (!goesOn || stream.wasWanted === undefined) stream.wasWanted = wanted;
    return wanted;
  };
}

/** Only PostgreSQL marks such lines by a word, so only what looks like its lines is read for it. */
const isContinuing = (text: string, record: LogRecord | undefined): boolean =>
  record?.isContinuation ??
  (/\] (?:\S+ )?(?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):/.test(text.slice(0, 120)) &&
    parseLine(text).isContinuation);

/** Whether a text has the id, which is not empty, as a whole word; ids have dashes, and Kong's a counter after `#`. */
function mentions(id: string): (text: string) => boolean {
  const isPart = (character: string | undefined) => character !== undefined && /[\w#-]/.test(character);
  return (text) => {
    for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1))
      if (!isPart(text[at - 1]) && !isPart(text[at + id.length])) return true;
    return false;
  };
}
