/** Each service and route that the gateway answered for. */
import { useState } from 'preact/hooks';
import type { RouteDocument } from '../api/answers.ts';
import { count, milliseconds, percent, short } from '../model/format.ts';
import { ROUTE_COLUMNS, type RouteColumn, sortedRoutes } from '../model/overview.ts';
import { addressOf } from '../model/place.ts';
import { ScrollTable } from '../ui/scroll-table.tsx';

const COLUMNS = Object.entries(ROUTE_COLUMNS) as [RouteColumn, (typeof ROUTE_COLUMNS)[RouteColumn]][];

function searchOf(route: RouteDocument, since: string): URLSearchParams {
  const query = new URLSearchParams({ kind: 'access', since });
  if (route['service.name'] !== null) query.set('service', route['service.name']);
  if (route['http.route'] !== null) query.set('route', route['http.route']);
  return query;
}

export function RouteTable({
  routes,
  since,
}: {
  readonly routes: readonly RouteDocument[];
  readonly since: string;
}) {
  const [by, sortBy] = useState<RouteColumn>('requests');
  return (
    <ScrollTable title="Routes" isEmpty={routes.length === 0}>
      <thead>
        <tr>
          <th scope="col">service · route</th>
          {COLUMNS.map(([column, { title }]) => (
            <th key={column} scope="col" class="number" aria-sort={by === column ? 'descending' : 'none'}>
              <button type="button" class="quiet" onClick={() => sortBy(column)}>
                {title}
                <span aria-hidden="true">{by === column ? ' ↓' : ''}</span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sortedRoutes(routes, by).map((route) => (
          <tr key={`${route['service.name']} ${route['http.route']}`}>
            <th scope="row">
              <a href={addressOf('search', searchOf(route, since))}>
                {route['service.name'] ?? 'no service'} · {route['http.route'] ?? 'no route'}
              </a>
            </th>
            <td>{count(route.requests)}</td>
            <td>{short(route.requests_per_second)}</td>
            <td class={route.server_errors > 0 ? 'bad' : ''}>{percent(route.error_rate)}</td>
            <td>{count(route.client_errors)}</td>
            <td>{milliseconds(route.duration_ms?.p50)}</td>
            <td>{milliseconds(route.duration_ms?.p95)}</td>
            <td>{milliseconds(route.duration_ms?.p99)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
