/** One event: a line, and all of it when it is opened. */
import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import type { EventDocument } from '../api/answers.ts';
import { badgeOf, levelOf, originOf } from '../model/event.ts';
import { wantedWords } from '../model/marks.ts';
import { eventTime } from '../model/time.ts';
import { MarkedText } from '../ui/marked-text.tsx';
import { EventDetails } from './event-details.tsx';
import type { SearchParts } from './results.tsx';

function Row({ event, search, go }: SearchParts & { readonly event: EventDocument }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li data-level={levelOf(event)} data-request={event.request_id ?? undefined}>
      <details open={isOpen} onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
        <summary class="event">
          <time dateTime={event.timestamp} title={event.timestamp}>
            {eventTime(event.timestamp, new Date())}
          </time>
          <span class="badge">{badgeOf(event)}</span>
          <span class="origin">{originOf(event)}</span>
          <span class="body">
            {event.body === '' ? (
              '(no text)'
            ) : (
              <MarkedText text={event.body.slice(0, 1000)} words={wantedWords(search.text)} />
            )}
          </span>
        </summary>
        {isOpen ? <EventDetails event={event} search={search} go={go} /> : null}
      </details>
    </li>
  );
}

/** A page of rows is not made anew because another page came. */
export const EventRow = memo(
  Row,
  (before, after) => before.event === after.event && before.search === after.search,
);
