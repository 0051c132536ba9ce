/** The answer: how much there is and when, and the events, newest first. */
import type { HistogramAnswer } from '../api/answers.ts';
import { barsOf, totalsOf, totalsText } from '../model/histogram.ts';
import { scaled } from '../model/range.ts';
import { apiQuery, type Search } from '../model/search.ts';
import { microseconds, stretch } from '../model/time.ts';
import { useClient } from '../shell/context.ts';
import { useShortcuts } from '../shell/keys.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { useRequest } from '../ui/use-request.ts';
import { EventList } from './event-list.tsx';
import { Histogram } from './histogram.tsx';
import { usePages } from './use-pages.ts';

/** Bars that are still told apart, on a narrow window and on a wide one. */
const BUCKETS = { narrow: 40, wide: 80 } as const;
const NARROW = '(max-width: 40rem)';

export interface SearchParts {
  readonly search: Search;
  readonly go: (search: Search) => void;
}

export function Results({ search, go }: SearchParts) {
  const client = useClient();
  const query = apiQuery(search);
  const key = query.toString();
  const histogram = useRequest<HistogramAnswer>(key, (signal) => {
    const asked = new URLSearchParams(query);
    asked.set('buckets', String(matchMedia(NARROW).matches ? BUCKETS.narrow : BUCKETS.wide));
    return client.get('/api/v1/histogram', { query: asked, signal });
  });
  const pages = usePages(key);
  const again = (): void => {
    histogram.again();
    pages.again();
  };
  useShortcuts({ r: again, h: () => document.getElementById('histogram')?.focus() });
  const { answer } = histogram;
  const problem = pages.problem ?? histogram.problem;
  if (problem !== undefined) return <ProblemNotice problem={problem} onRetry={again} />;
  const [sinceMs, untilMs] = [answer?.since, answer?.until].map((time) => microseconds(time ?? '') / 1000);
  return (
    <>
      <div class="summary">
        <p role="status" aria-busy={histogram.isAsking || pages.isAsking}>
          {answer === undefined ? 'Searching …' : totalsText(totalsOf(barsOf(answer)))}
        </p>
        {answer === undefined || sinceMs === undefined || untilMs === undefined ? null : (
          <p class="muted">
            {stretch(sinceMs, untilMs)}{' '}
            <button
              type="button"
              class="quiet"
              onClick={() => go({ ...search, range: scaled(sinceMs, untilMs, 3) })}
            >
              Zoom out
            </button>
          </p>
        )}
      </div>
      {answer === undefined ? (
        <div class="histogram" />
      ) : (
        <Histogram answer={answer} onChoose={(range) => go({ ...search, range })} />
      )}
      <EventList pages={pages} search={search} go={go} since={answer?.since} />
    </>
  );
}
