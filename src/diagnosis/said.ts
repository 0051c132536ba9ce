import type { LogLine, Mount } from '../core/ports/engine.ts';
import type { FailureFacts } from './model.ts';

/** Reading what a service said. Recognisers look at the words of its last life only, newest first. */

/** What it logged since its last start, newest first; everything where nothing is dated so. */
const lastWords = (facts: FailureFacts): string[] => lastLife(facts).map(({ text }) => messageOf(text));

/** The line that a program most likely ended with: the last on standard error, else the last at all. */
export function finalWords(facts: FailureFacts): string | undefined {
  const spoken = lastLife(facts).filter(({ text }) => text.trim() !== '');
  const line = spoken.find(({ stream }) => stream === 'stderr') ?? spoken[0];
  return line === undefined ? undefined : shortened(messageOf(line.text));
}

function lastLife({ log, details }: FailureFacts): LogLine[] {
  const startedMs = details?.startedMs ?? 0;
  // The engine's times of start and of lines are taken apart from each other: a line may seem a little older.
  const recent = log.filter(({ timestamp }) => timestamp === '' || Date.parse(timestamp) >= startedMs - 1000);
  return (recent.length === 0 ? log : recent).toReversed();
}

/** The first match among what the engine refused with, the last words, and what the health check said, in this order. */
export function heard(facts: FailureFacts, ...patterns: readonly RegExp[]): Heard | undefined {
  const lines = [
    ...(facts.refusal === '' ? [] : [facts.refusal]),
    ...lastWords(facts),
    ...facts.checks.toReversed().flatMap(({ output }) => output.split('\n')),
  ];
  for (const line of lines) {
    for (const pattern of patterns) {
      const match = pattern.exec(line);
      if (match !== null) return { line: shortened(line), match };
    }
  }
  return undefined;
}

export interface Heard {
  /** The whole line, trimmed and not longer than a terminal shows. */
  readonly line: string;
  readonly match: RegExpExecArray;
}

/** The words of a line that is JSON, as our services and Elasticsearch write it; else the line itself. */
function messageOf(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}

const LONGEST = 300;

export const shortened = (text: string): string => {
  const line = text.trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
};

/** The last line of a text that has anything on it. */
export const lastLine = (text: string): string => shortened(text.trim().split('\n').at(-1) ?? '');

/** What of the container's mounts holds a path. */
export const mountOf = ({ details }: FailureFacts, path: string): Mount | undefined =>
  (details?.mounts ?? [])
    .filter(
      ({ destination }) => path === destination || path.startsWith(`${destination.replace(/\/$/, '')}/`),
    )
    .sort((a, b) => b.destination.length - a.destination.length)[0];

/** Where a path of the container comes from: `volume service-logs`, a path of the host, or nothing that is known. */
export function originOf(facts: FailureFacts, path: string): string | undefined {
  const mount = mountOf(facts, path);
  if (mount === undefined) return undefined;
  return mount.type === 'volume'
    ? `volume ${mount.source}`
    : `${mount.source}${path.slice(mount.destination.length)}`;
}

/** ` (volume service-logs)`, or nothing. */
export const originNote = (facts: FailureFacts, path: string): string => {
  const origin = originOf(facts, path);
  return origin === undefined || origin === path ? '' : ` (${origin})`;
};
