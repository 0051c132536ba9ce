/** Events, newest first; older ones come as one scrolls to the end. */
import { useEffect, useRef } from 'preact/hooks';
import { microseconds } from '../model/time.ts';
import { EventRow } from './event-row.tsx';
import type { SearchParts } from './results.tsx';
import type { Pages } from './use-pages.ts';

export function EventList({
  pages,
  search,
  go,
  since,
}: SearchParts & {
  readonly pages: Pages;
  /** Where the range begins, as the service understood it. */
  readonly since: string | undefined;
}) {
  const end = useRef<HTMLDivElement>(null);
  const more = useRef(pages.more);
  more.current = pages.more;
  useEffect(() => {
    if (end.current === null) return undefined;
    const watching = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) more.current();
      },
      { rootMargin: '600px' },
    );
    watching.observe(end.current);
    return () => watching.disconnect();
  }, []);
  const last = pages.events.at(-1);
  return (
    <>
      <ol class="events" aria-label="Events, newest first">
        {pages.events.map((event) => (
          <EventRow key={event.sequence} event={event} search={search} go={go} />
        ))}
      </ol>
      <div class="end" ref={end}>
        {pages.events.length === 0 && !pages.isAsking ? (
          <p>Nothing was found. Take a longer time range, or fewer filters.</p>
        ) : null}
        {pages.hasMore && !pages.isFull ? (
          <button type="button" onClick={pages.more} disabled={pages.isAsking}>
            Show older events
          </button>
        ) : null}
        {pages.hasMore && pages.isFull && last !== undefined ? (
          <button
            type="button"
            onClick={() => {
              // The end is not part of a range: what happened at the same moment is shown again.
              const until = new Date(Math.floor(microseconds(last.timestamp) / 1000) + 1).toISOString();
              go({ ...search, range: { since: since ?? search.range.since, until } });
              scrollTo(0, 0);
            }}
          >
            Go on from here with older events
          </button>
        ) : null}
      </div>
    </>
  );
}
