/** Each instance that writes. */
import type { StatsAnswer } from '../api/answers.ts';
import { count, short } from '../model/format.ts';
import { addressOf } from '../model/place.ts';
import { ago } from '../model/time.ts';
import { ScrollTable } from '../ui/scroll-table.tsx';

export function SourceTable({
  sources,
  since,
}: {
  readonly sources: StatsAnswer['sources'];
  readonly since: string;
}) {
  const now = Date.now();
  return (
    <ScrollTable title="Instances" isEmpty={sources.length === 0}>
      <thead>
        <tr>
          <th scope="col">instance</th>
          {['events', 'per second', 'warnings', 'errors', 'newest'].map((title) => (
            <th key={title} scope="col" class="number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sources.map((source) => (
          <tr key={`${source.source} ${source['service.name']} ${source.kind}`}>
            <th scope="row">
              <a
                href={addressOf(
                  'search',
                  new URLSearchParams({ source: source.source, kind: source.kind, since }),
                )}
              >
                {source.source}
              </a>{' '}
              <span class="muted">
                {source['service.name'] ?? ''} {source.kind}
              </span>
            </th>
            <td>{count(source.events)}</td>
            <td>{short(source.events_per_second)}</td>
            <td>{count(source.warnings)}</td>
            <td class={source.errors > 0 ? 'bad' : ''}>{count(source.errors)}</td>
            <td>{ago(source.last_timestamp, now)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
