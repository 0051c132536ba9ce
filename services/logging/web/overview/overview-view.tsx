/** How the platform does: traffic, errors and latencies over time, and for each route. */
import { useCallback } from 'preact/hooks';
import type { HistogramAnswer, MessagesAnswer, StatsAnswer } from '../api/answers.ts';
import { count, milliseconds, percent, short } from '../model/format.ts';
import type { Place } from '../model/place.ts';
import { useClient } from '../shell/context.ts';
import { useShortcuts } from '../shell/keys.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { SinceSelect, sinceOf } from '../ui/since-select.tsx';
import { useEvery } from '../ui/use-every.ts';
import { useRequest } from '../ui/use-request.ts';
import { LatencyChart, TrafficChart } from './charts.tsx';
import { MessageTable } from './message-table.tsx';
import { RouteTable } from './route-table.tsx';
import { SourceTable } from './source-table.tsx';

const EVERY_SECONDS = 30;
const BUCKETS = 60;

interface Overview {
  readonly stats: StatsAnswer;
  readonly overTime: HistogramAnswer;
  /** The whole range as one bucket. */
  readonly whole: HistogramAnswer;
  readonly messages: MessagesAnswer;
}

export function OverviewView({ place }: { readonly place: Place }) {
  const client = useClient();
  const since = sinceOf(place.query, '1h');
  const load = useCallback(
    async (signal: AbortSignal): Promise<Overview> => {
      const ask = <T,>(path: string, more: Readonly<Record<string, string>>): Promise<T> =>
        client.get(path, { query: new URLSearchParams({ since, ...more }), signal });
      const [stats, overTime, whole, messages] = await Promise.all([
        ask<StatsAnswer>('/api/v1/stats', {}),
        ask<HistogramAnswer>('/api/v1/histogram', { kind: 'access', buckets: String(BUCKETS) }),
        ask<HistogramAnswer>('/api/v1/histogram', { kind: 'access', buckets: '1' }),
        ask<MessagesAnswer>('/api/v1/messages', { kind: 'log', level: 'warn', limit: '10' }),
      ]);
      return { stats, overTime, whole, messages };
    },
    [client, since],
  );
  const { answer, problem, isAsking, again } = useRequest(since, load);
  useEvery(EVERY_SECONDS, again);
  useShortcuts({ r: again });
  return (
    <>
      <div class="title">
        <h1>Overview</h1>
        <SinceSelect view="overview" since={since} />
      </div>
      {problem === undefined ? null : <ProblemNotice problem={problem} onRetry={again} />}
      <p role="status" class="unseen" aria-busy={isAsking && answer === undefined}>
        {answer === undefined ? 'Asking …' : 'The overview is there.'}
      </p>
      {answer === undefined ? null : (
        <>
          <Figures whole={answer.whole} />
          <div class="charts">
            <TrafficChart answer={answer.overTime} />
            <LatencyChart answer={answer.overTime} />
          </div>
          <RouteTable routes={answer.stats.routes} since={since} />
          <SourceTable sources={answer.stats.sources} since={since} />
          <MessageTable messages={answer.messages.messages} />
        </>
      )}
    </>
  );
}

function Figures({ whole }: { readonly whole: HistogramAnswer }) {
  const [bucket] = whole.buckets;
  if (bucket === undefined) return null;
  const { requests, server_errors, duration_ms } = bucket;
  const figures = [
    ['requests', count(requests)],
    ['per second', short(requests / whole.bucket_seconds)],
    ['5xx', requests === 0 ? '–' : percent(server_errors / requests)],
    ['p50', milliseconds(duration_ms?.p50)],
    ['p95', milliseconds(duration_ms?.p95)],
    ['p99', milliseconds(duration_ms?.p99)],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
