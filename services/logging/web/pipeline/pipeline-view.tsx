/** Whether everything that was acknowledged arrives: books, buffer, store, Elasticsearch, files, dead letters. */
import type { PipelineDocument, RetentionDocument } from '../api/answers.ts';
import { bytes, count, seconds } from '../model/format.ts';
import { booksOf, healthOf, missing } from '../model/pipeline.ts';
import { useClient } from '../shell/context.ts';
import { useShortcuts } from '../shell/keys.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { useEvery } from '../ui/use-every.ts';
import { useRequest } from '../ui/use-request.ts';
import { DeadLetters } from './dead-letters.tsx';
import { Retention } from './retention.tsx';

const EVERY_SECONDS = 5;

export function PipelineView() {
  const client = useClient();
  const { answer, problem, isAsking, again, take } = useRequest('pipeline', async (signal) => {
    const [pipeline, retention] = await Promise.all([
      client.get<PipelineDocument>('/api/v1/pipeline', { signal }),
      client.get<RetentionDocument>('/api/v1/settings/retention', { signal }),
    ]);
    return { pipeline, retention };
  });
  useEvery(EVERY_SECONDS, again);
  useShortcuts({ r: again });
  return (
    <>
      <h1>Pipeline</h1>
      {problem === undefined ? null : <ProblemNotice problem={problem} onRetry={again} />}
      <p role="status" class="lead" aria-busy={isAsking && answer === undefined}>
        {answer === undefined ? 'Asking …' : summary(answer.pipeline)}
      </p>
      {answer === undefined ? null : (
        <>
          <div class="columns">
            <Health pipeline={answer.pipeline} />
            <Books pipeline={answer.pipeline} />
            <Space pipeline={answer.pipeline} retention={answer.retention} />
            <Retention
              retention={answer.retention}
              onChange={(retention) => take({ ...answer, retention })}
            />
            <Elasticsearch pipeline={answer.pipeline} />
          </div>
          <DeadLetters />
          <Files pipeline={answer.pipeline} />
        </>
      )}
    </>
  );
}

function summary(pipeline: PipelineDocument): string {
  const ill = healthOf(pipeline).filter(({ reason }) => reason !== undefined);
  if (ill.length > 0) return `Not well: ${ill.map(({ name }) => name).join(', ')}.`;
  return missing(pipeline) === 0 ? 'All is well, and the books balance.' : 'The books do not balance.';
}

interface Shown {
  readonly pipeline: PipelineDocument;
}

function Health({ pipeline }: Shown) {
  return (
    <section class="card">
      <h2>Health</h2>
      <dl class="pairs">
        {healthOf(pipeline).map(({ name, reason }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={reason === undefined ? 'good' : 'bad'}>{reason ?? 'ok'}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Books({ pipeline }: Shown) {
  const rest = missing(pipeline);
  return (
    <section class="card">
      <h2>Books</h2>
      <dl class="pairs">
        {booksOf(pipeline).map(({ name, events, meaning }) => (
          <div key={name}>
            <dt title={meaning}>{name}</dt>
            <dd>{count(events)}</dd>
          </div>
        ))}
        <div class="sum">
          <dt>accepted</dt>
          <dd>{count(pipeline.accepted)}</dd>
        </div>
      </dl>
      <p class={rest === 0 ? 'muted' : 'bad'}>
        {rest === 0 ? 'The sum is what was accepted.' : `${count(rest)} are missing.`}{' '}
        {count(pipeline.expired)} of the stored ones were removed by retention.
      </p>
    </section>
  );
}

function Space({ pipeline, retention }: Shown & { readonly retention: RetentionDocument }) {
  return (
    <section class="card">
      <h2>Space and time</h2>
      <dl class="pairs">
        <Level name="buffer" value={pipeline.buffered_bytes} limit={pipeline.buffer_limit_bytes} />
        <Level name="store" value={pipeline.store_bytes} limit={retention.max_bytes} />
        <div>
          <dt>oldest event on its way</dt>
          <dd>{seconds(pipeline.oldest_unstored_seconds)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Level({
  name,
  value,
  limit,
}: {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <meter min={0} max={limit} high={limit * 0.8} optimum={0} value={value} aria-label={name}>
          {value}
        </meter>{' '}
        {bytes(value)} of {bytes(limit)}
      </dd>
    </div>
  );
}

function Elasticsearch({ pipeline: { elasticsearch } }: Shown) {
  return (
    <section class="card">
      <h2>Elasticsearch</h2>
      {elasticsearch === null ? (
        <p class="muted">None is configured: the store answers everything by itself.</p>
      ) : (
        <dl class="pairs">
          {Object.entries(elasticsearch).map(([name, events]) => (
            <div key={name}>
              <dt>{name.replace('_', ' ')}</dt>
              <dd>{count(events)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Files({ pipeline }: Shown) {
  return (
    <ScrollTable title="Followed files" isEmpty={pipeline.files.length === 0} none="None.">
      <thead>
        <tr>
          <th scope="col">file</th>
          <th scope="col" class="number">
            size
          </th>
          <th scope="col" class="number">
            not read yet
          </th>
          <th scope="col" class="number">
            cut
          </th>
        </tr>
      </thead>
      <tbody>
        {pipeline.files.map(({ path, size, position, truncations }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td>{bytes(size)}</td>
            <td>{bytes(Math.max(0, size - position))}</td>
            <td>{count(truncations)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
