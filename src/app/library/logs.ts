import { Readable } from 'node:stream';
import type { LogLine } from '../../core/ports/engine.ts';
import { type LogDocument, logDocument } from '../../logs/document.ts';
import type { LogsRequest, showLogs } from '../logs/logs.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import type { LogsQuery } from './stack-handle.ts';

type Show = typeof showLogs;

/** What the containers have logged up to now, merged by time. @throws ApictlError as `showLogs` does */
export async function collectLogs(
  world: World,
  project: Project,
  query: LogsQuery,
  show: Show,
): Promise<LogDocument[]> {
  const lines: LogLine[] = [];
  const request = { ...(await requestOf(query)), follow: false };
  await show(
    world,
    project,
    request,
    viewOf((batch) => lines.push(...batch)),
  );
  return lines.map(logDocument);
}

/**
 * The same and what they log from now on, until the signal aborts or the reader leaves the loop. Begins with the first line that is
 * asked for; lines that are not taken yet wait in memory.
 * @throws ApictlError as `showLogs` does
 */
export async function* followedLogs(
  world: World,
  project: Project,
  query: LogsQuery,
  show: Show,
): AsyncGenerator<LogDocument, void, undefined> {
  const request = { ...(await requestOf(query)), follow: true };
  const left = new AbortController();
  const signal = AbortSignal.any([world.signal, left.signal]);
  const waiting = new Readable({ objectMode: true, read: () => {} });
  const showing = show(
    { ...world, signal },
    project,
    request,
    viewOf((batch) => {
      for (const line of batch) waiting.push(logDocument(line));
    }),
  ).then(
    () => waiting.push(null),
    (thrown: unknown) => waiting.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  try {
    for await (const document of waiting) yield document as LogDocument;
  } finally {
    left.abort();
    await showing;
  }
}

const viewOf = (show: (batch: readonly LogLine[]) => void) => ({ begin: () => {}, show, flush: () => {} });

async function requestOf({
  services = [],
  since,
  until,
  tail,
  grep,
  level,
  requestId,
}: LogsQuery): Promise<LogsRequest> {
  // The regular expressions come with their own engine, which only this needs.
  const pattern =
    grep === undefined ? undefined : (await import('../../logs/pattern.ts')).compilePattern('grep', grep);
  return {
    services,
    since: since?.toISOString(),
    until: until?.toISOString(),
    tail,
    filter: { grep: pattern, level, requestId },
  };
}
