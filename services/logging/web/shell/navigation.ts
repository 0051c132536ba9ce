/** The address of the page, and changing it without loading the page anew. */
import { useEffect, useState } from 'preact/hooks';
import { type Place, parsePlace } from '../model/place.ts';

const MOVED = 'apictl:moved';

function here(): Place {
  return parsePlace(location.pathname, location.search);
}

/** @param how `replace` leaves no step to go back to */
export function navigate(address: string, how: 'push' | 'replace' = 'push'): void {
  if (address === location.pathname + location.search) how = 'replace';
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', address);
  dispatchEvent(new Event(MOVED));
}

/** Links of the page are followed within it, unless somebody wants them elsewhere. */
function follow(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.('a[href]');
  if (
    !(link instanceof HTMLAnchorElement) ||
    link.origin !== location.origin ||
    link.target !== '' ||
    link.hash !== ''
  )
    return;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!isPlain || event.defaultPrevented || link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
  scrollTo(0, 0);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const moved = (): void => setPlace(here());
    addEventListener(MOVED, moved);
    addEventListener('popstate', moved);
    document.addEventListener('click', follow);
    return () => {
      removeEventListener(MOVED, moved);
      removeEventListener('popstate', moved);
      document.removeEventListener('click', follow);
    };
  }, []);
  return place;
}
