/** Events as they are stored, newest first. */
import { counted } from '../model/format.ts';
import { filterQuery } from '../model/search.ts';
import { goOn, MAX_SHOWN, pause } from '../model/tail.ts';
import { useShortcuts } from '../shell/keys.ts';
import { EventRow } from './event-row.tsx';
import type { SearchParts } from './results.tsx';
import { type Connection, useTail } from './use-tail.ts';

const STATES: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting …',
  open: 'Live',
  lost: 'The connection is lost; it is tried again …',
  refused: 'The service refuses: too many tails are open already.',
};

export function LiveTail({ search, go }: SearchParts) {
  const { tail, change, connection, again } = useTail(filterQuery(search).toString());
  const turn = (): void => change((current) => (current.isPaused ? goOn(current) : pause(current)));
  useShortcuts({ p: turn, r: again });
  return (
    <>
      <div class="summary">
        <p role="status">
          <span class={connection === 'open' && !tail.isPaused ? 'dot on' : 'dot'} aria-hidden="true" />{' '}
          {tail.isPaused ? `Paused, ${counted(tail.waitingCount, 'event')} waiting` : STATES[connection]}
        </p>
        <p class="muted">
          {counted(tail.received, 'event')} so far
          {tail.received > MAX_SHOWN ? `, the newest ${MAX_SHOWN} are kept` : ''}
          {tail.skips > 0 ? '; some were left out because more came than anybody reads' : ''}
        </p>
        <p class="actions">
          <button type="button" aria-pressed={tail.isPaused} onClick={turn} title="Pause and go on (p)">
            {tail.isPaused ? 'Go on' : 'Pause'}
          </button>
          {connection === 'refused' ? (
            <button type="button" onClick={again}>
              Connect again
            </button>
          ) : null}
        </p>
      </div>
      <ol class="events" aria-label="Events as they come, newest first">
        {tail.shown.map((event) => (
          <EventRow key={event.sequence} event={event} search={search} go={go} />
        ))}
      </ol>
      {tail.shown.length === 0 ? <p class="end">Nothing has come yet that matches.</p> : null}
    </>
  );
}
