/** What was refused for good, why, and another try. */
import { useState } from 'preact/hooks';
import type { DeadLettersAnswer, ReplayAnswer } from '../api/answers.ts';
import { Problem } from '../api/problem.ts';
import { count, counted } from '../model/format.ts';
import { fullTime } from '../model/time.ts';
import { useClient } from '../shell/context.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { useEvery } from '../ui/use-every.ts';
import { useRequest } from '../ui/use-request.ts';

type Destination = DeadLettersAnswer['dead_letters'][number]['destination'];

const EVERY_SECONDS = 10;
const SHOWN = '50';

const NAMES: Readonly<Record<Destination, string>> = { store: 'the store', elasticsearch: 'Elasticsearch' };

export function DeadLetters() {
  const client = useClient();
  const [outcome, setOutcome] = useState<ReplayAnswer | Problem>();
  const { answer, problem, again } = useRequest<DeadLettersAnswer>('dead letters', (signal) =>
    client.get('/api/v1/dead-letters', { query: new URLSearchParams({ limit: SHOWN }), signal }),
  );
  useEvery(EVERY_SECONDS, again);

  const replay = async (destination: Destination): Promise<void> => {
    try {
      setOutcome(await client.send<ReplayAnswer>('POST', '/api/v1/dead-letters/replay', { destination }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setOutcome(error);
    }
    again();
  };

  if (problem !== undefined) return <ProblemNotice problem={problem} onRetry={again} />;
  if (answer === undefined) return null;
  const waiting = (Object.entries(answer.totals) as [Destination, number][]).filter(([, total]) => total > 0);
  return (
    <section class="table" aria-labelledby="dead-letters">
      <h2 id="dead-letters">Dead letters</h2>
      <div role="status">
        {outcome instanceof Problem ? <p class="bad">{outcome.message}</p> : null}
        {outcome === undefined || outcome instanceof Problem ? null : (
          <p>
            {`${outcome.taken} of ${outcome.tried} were taken.`} {outcome.reasons.join('; ')}
          </p>
        )}
      </div>
      {waiting.length === 0 ? <p class="muted">None: nothing was refused.</p> : null}
      {waiting.map(([destination, total]) => (
        <p key={destination} class="actions">
          <span>{`${counted(total, 'event')} that ${NAMES[destination]} refused`}</span>
          <button type="button" onClick={() => void replay(destination)}>
            Offer them again
          </button>
        </p>
      ))}
      <ul class="letters">
        {answer.dead_letters.map(({ sequence, destination, reason, refused_at, payload }) => (
          <li key={sequence}>
            <details>
              <summary>
                <span class="muted">
                  {count(sequence)} · {fullTime(refused_at)} · {NAMES[destination]}
                </span>{' '}
                {reason}
              </summary>
              <pre>{payload}</pre>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}
