/** One request across the gateway and the services behind it. */
import { useMemo } from 'preact/hooks';
import { counted, milliseconds } from '../model/format.ts';
import { addressOf, type Place } from '../model/place.ts';
import { fullTime } from '../model/time.ts';
import { traceOf } from '../model/trace.ts';
import { DraftField } from '../search/fields.tsx';
import { useClient } from '../shell/context.ts';
import { useShortcuts } from '../shell/keys.ts';
import { navigate } from '../shell/navigation.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { useRequest } from '../ui/use-request.ts';
import { type Key, loadTrace } from './load.ts';
import { TraceStep } from './trace-step.tsx';

function keyOf(query: URLSearchParams): Key | undefined {
  const [request, trace] = [query.get('request_id') ?? '', query.get('trace_id') ?? ''];
  if (request !== '') return { request_id: request };
  return trace === '' ? undefined : { trace_id: trace };
}

export function TraceView({ place }: { readonly place: Place }) {
  const client = useClient();
  const key = keyOf(place.query);
  const id = key === undefined ? '' : Object.values(key).join('');
  const { answer, problem, isAsking, again } = useRequest(
    JSON.stringify(key ?? null),
    key === undefined ? undefined : (signal) => loadTrace(client, key, signal),
  );
  useShortcuts({ r: again, '/': () => document.getElementById('request')?.focus() });
  const trace = useMemo(() => traceOf(answer?.events ?? []), [answer]);
  return (
    <>
      <h1>One request</h1>
      <form class="lookup" onSubmit={(event) => event.preventDefault()}>
        <DraftField
          id="request"
          label="Request id"
          value={id}
          onCommit={(wanted) =>
            navigate(addressOf('trace', new URLSearchParams({ request_id: wanted.trim() })))
          }
        />
      </form>
      {problem === undefined ? null : <ProblemNotice problem={problem} onRetry={again} />}
      <p role="status" class="lead" aria-busy={isAsking}>
        {isAsking && trace === undefined ? 'Searching …' : null}
        {!isAsking && problem === undefined && trace === undefined && key !== undefined
          ? 'No event has this id. It may not be stored yet, or its time may be over.'
          : null}
        {key === undefined ? 'Give the id that the gateway answered as X-Request-ID.' : null}
        {trace === undefined
          ? null
          : `${fullTime(trace.startIso)}: ${milliseconds(trace.totalMs)}, ${counted(trace.steps.length, 'event')} of ${trace.sources.join(', ')}`}
        {answer?.isCut === true ? '; there are more than are shown' : ''}
      </p>
      {trace === undefined ? null : (
        <>
          <ol class="events trace" aria-label="What happened, in its order">
            {trace.steps.map((step) => (
              <TraceStep key={step.event.sequence} step={step} />
            ))}
          </ol>
          <p class="actions below">
            <CopyButton text={id} name="Copy the id" />
            <button type="button" onClick={again}>
              Ask again
            </button>
          </p>
        </>
      )}
    </>
  );
}
