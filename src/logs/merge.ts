import type { LogLine } from '../core/ports/engine.ts';

/** Lines of one source in its own order, or of several in the order of time; never empty. */
export type Batch = readonly LogLine[];

interface Head {
  readonly iterator: AsyncIterator<Batch>;
  batch: Batch;
  at: number;
}

/**
 * Merges logs by time. Of each source only the batch at hand is in memory, and the next is asked for when it is used up.
 * The order inside a source stays: the engine's order is the truth where two streams of a container cross.
 */
export async function* mergeByTime(sources: readonly AsyncIterable<Batch>[]): AsyncIterable<Batch> {
  const all: Head[] = sources.map((source) => ({
    iterator: source[Symbol.asyncIterator](),
    batch: [],
    at: 0,
  }));
  try {
    const isThere = await Promise.all(all.map(refill));
    const heads = all.filter((_, index) => isThere[index]);
    while (heads.length > 1) {
      const { used, lines } = takeUntilUsedUp(heads);
      yield lines;
      if (!(await refill(used))) heads.splice(heads.indexOf(used), 1);
    }
    const [last] = heads;
    if (last === undefined) return;
    yield last.batch.slice(last.at);
    while (await refill(last)) yield last.batch;
  } finally {
    await Promise.allSettled(all.map(({ iterator }) => iterator.return?.()));
  }
}

/** Takes lines in the order of time until one source has none left at hand. */
function takeUntilUsedUp(heads: readonly Head[]): { readonly used: Head; readonly lines: Batch } {
  const lines: LogLine[] = [];
  for (;;) {
    const { first, until } = earliest(heads);
    // As long as it is not later than every other, the same source goes on.
    while (first.at < first.batch.length && timeOf(first) <= until) {
      lines.push(first.batch[first.at] as LogLine);
      first.at += 1;
    }
    if (first.at >= first.batch.length) return { used: first, lines };
  }
}

/** The source with the earliest line, and the time of the earliest line of the others. */
function earliest(heads: readonly Head[]): { readonly first: Head; readonly until: string } {
  let first = heads[0] as Head;
  let until = timeOf(heads[1] as Head);
  if (until < timeOf(first)) [first, until] = [heads[1] as Head, timeOf(first)];
  for (let index = 2; index < heads.length; index += 1) {
    const head = heads[index] as Head;
    const time = timeOf(head);
    if (time < timeOf(first)) [first, until] = [head, timeOf(first)];
    else if (time < until) until = time;
  }
  return { first, until };
}

const timeOf = ({ batch, at }: Head): string => batch[at]?.timestamp ?? '';

async function refill(head: Head): Promise<boolean> {
  const next = await head.iterator.next();
  head.batch = next.done === true ? [] : next.value;
  head.at = 0;
  return head.batch.length > 0;
}
