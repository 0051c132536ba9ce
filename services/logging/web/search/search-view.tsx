/** Searching what is stored, or reading along what comes. */
import { useMemo } from 'preact/hooks';
import { addressOf, type Place } from '../model/place.ts';
import { addressQuery, parseSearch, type Search } from '../model/search.ts';
import { useShortcuts } from '../shell/keys.ts';
import { navigate } from '../shell/navigation.ts';
import { LiveTail } from './live-tail.tsx';
import { Results } from './results.tsx';
import { SearchForm } from './search-form.tsx';

export function SearchView({ place }: { readonly place: Place }) {
  const search = useMemo(() => parseSearch(place.query), [place.query]);
  const go = (next: Search): void => navigate(addressOf('search', addressQuery(next)));
  const turnLive = (): void => go({ ...search, isLive: !search.isLive });
  useShortcuts({
    '/': () => document.getElementById('text')?.focus(),
    l: turnLive,
    j: () => step(1),
    k: () => step(-1),
    t: followFocused,
  });
  return (
    <>
      <h1 class="unseen">Search</h1>
      <SearchForm search={search} go={go} onTurnLive={turnLive} />
      {search.isLive ? <LiveTail search={search} go={go} /> : <Results search={search} go={go} />}
    </>
  );
}

/** From the event that has the focus to the one after or before it. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.events summary.event')];
  const current = rows.findIndex((row) => row.closest('li')?.contains(document.activeElement) === true);
  rows[current < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, current + by))]?.focus();
}

function followFocused(): void {
  const row = document.activeElement?.closest<HTMLElement>('li[data-request]');
  const id = row?.dataset.request;
  if (id !== undefined) navigate(addressOf('trace', new URLSearchParams({ request_id: id })));
}
