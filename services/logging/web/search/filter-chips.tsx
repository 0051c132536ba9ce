/** The filters that have no field of their own, each with its way out, and the way out of all. */
import { FILTER_NAMES, type FilterName, removeFilter, type Search } from '../model/search.ts';

const WITH_FIELD: readonly FilterName[] = ['service', 'route', 'status', 'consumer', 'level', 'request_id'];

export function FilterChips({
  search,
  go,
  onClear,
}: {
  readonly search: Search;
  readonly go: (search: Search) => void;
  readonly onClear: () => void;
}) {
  const chips = FILTER_NAMES.filter((name) => !WITH_FIELD.includes(name)).flatMap((name) =>
    (search.filters[name] ?? []).map((value) => ({ name, value })),
  );
  const isFiltered = search.text !== '' || Object.keys(search.filters).length > 0;
  if (!isFiltered) return null;
  return (
    <ul class="chips" aria-label="Active filters">
      {chips.map(({ name, value }) => (
        <li key={`${name} ${value}`}>
          <button
            type="button"
            aria-label={`Remove the filter ${name} ${value}`}
            onClick={() => go(removeFilter(search, name, value))}
          >
            <span class="muted">{name === 'attribute' ? '' : `${name} `}</span>
            {value} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      <li>
        <button type="button" class="quiet" onClick={onClear}>
          Clear all
        </button>
      </li>
    </ul>
  );
}
