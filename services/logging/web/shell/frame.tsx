/** What stands around every view: the way to the others, the keys, the way out. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { View } from '../../src/page/paths.ts';
import { AlertsView } from '../alerts/alerts-view.tsx';
import { Problem } from '../api/problem.ts';
import { addressOf, type Place } from '../model/place.ts';
import { OverviewView } from '../overview/overview-view.tsx';
import { PipelineView } from '../pipeline/pipeline-view.tsx';
import { SearchView } from '../search/search-view.tsx';
import { TraceView } from '../trace/trace-view.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { useClient } from './context.ts';
import { useShortcuts } from './keys.ts';
import { navigate, usePlace } from './navigation.ts';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';

const NAMES: readonly (readonly [View, string])[] = [
  ['search', 'Search'],
  ['overview', 'Overview'],
  ['alerts', 'Alerts'],
  ['pipeline', 'Pipeline'],
];

const VIEWS: Readonly<Record<View, (props: { readonly place: Place }) => preact.ComponentChild>> = {
  search: SearchView,
  trace: TraceView,
  overview: OverviewView,
  alerts: AlertsView,
  pipeline: PipelineView,
};

const TITLES: Readonly<Record<View, string>> = {
  search: 'Search',
  trace: 'Request',
  overview: 'Overview',
  alerts: 'Alerts',
  pipeline: 'Pipeline',
};

export function Frame({ onLogOut }: { readonly onLogOut: () => void }) {
  const client = useClient();
  const place = usePlace();
  const [problem, setProblem] = useState<Problem>();
  const dialog = useRef<HTMLDialogElement>(null);
  const CurrentView = VIEWS[place.view];

  useEffect(() => {
    document.title = `${TITLES[place.view]} · Logs`;
  }, [place.view]);
  useShortcuts({
    '1': () => navigate(addressOf('search')),
    '2': () => navigate(addressOf('overview')),
    '3': () => navigate(addressOf('alerts')),
    '4': () => navigate(addressOf('pipeline')),
    '?': () => dialog.current?.showModal(),
  });

  const logOut = async (): Promise<void> => {
    try {
      await client.logOut();
      onLogOut();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="frame">
        <strong class="brand">Logs</strong>
        <nav aria-label="Views">
          {NAMES.map(([view, name]) => (
            <a key={view} href={addressOf(view)} aria-current={currentOf(place.view, view)}>
              {name}
            </a>
          ))}
        </nav>
        <button
          type="button"
          class="quiet"
          onClick={() => dialog.current?.showModal()}
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
        >
          ?
        </button>
        <button type="button" class="quiet" onClick={() => void logOut()}>
          Log out
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        {problem === undefined ? null : <ProblemNotice problem={problem} onRetry={() => void logOut()} />}
        <CurrentView place={place} />
      </main>
      <ShortcutsDialog dialog={dialog} />
    </>
  );
}

/** A request is looked at in the course of a search. */
function currentOf(shown: View, view: View): 'page' | 'true' | undefined {
  if (shown === view) return 'page';
  return shown === 'trace' && view === 'search' ? 'true' : undefined;
}
